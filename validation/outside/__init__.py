"""Scripts that run other tools and write what they found, with their versions, to `validation/data`."""
