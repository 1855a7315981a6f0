"""Figures of a technology fitted to test data."""
