"""What a life of storage is worth: the cash flow of a plant and the metrics read from it."""
