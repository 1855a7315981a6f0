"""Lets `python -m perdure.cli` run a command."""

import sys

from perdure.cli import main

if __name__ == "__main__":
    sys.exit(main())
