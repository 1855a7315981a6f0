"""Which size, which store: the search, the price of wear, stores side by side, where that turns."""
