"""Any axes of a case lived through, on many processes, resumable."""
