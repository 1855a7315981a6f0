"""What really happens: one stretch, or a whole life."""
