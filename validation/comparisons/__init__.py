"""One file per subject; each gives its comparisons through `comparisons()`."""
