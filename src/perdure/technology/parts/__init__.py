"""Parts several stores share or are built of: cells, stacks, converters, ageing and cost tables."""
