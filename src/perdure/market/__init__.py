"""What the world pays: charges, tariffs, services."""
