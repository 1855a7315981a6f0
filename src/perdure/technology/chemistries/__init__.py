"""The catalogue of stores: one file each, found by name."""
