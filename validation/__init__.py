"""Every comparison of perdure's stores with a number from outside, and the page that tells them.

`python -m validation` from the root of the repository writes `docs/validation.md` and its figures.
"""
