"""Uncertain figures drawn: spread of value, chance of loss, what matters."""
