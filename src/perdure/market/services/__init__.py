"""The services perdure knows, one file each; `ENTRY` in each file describes its kind."""
