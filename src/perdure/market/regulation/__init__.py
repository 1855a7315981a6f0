"""What frequency regulation asks and pays: performance scores, payments and droop, as rules over plain series."""
