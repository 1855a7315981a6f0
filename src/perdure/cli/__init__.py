"""The command line: each command parses, calls one verb, prints. Data goes to stdout, talk to stderr."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any

from perdure.cli import case_commands, catalogue_commands, study_commands
from perdure.cli.app import app, say

__all__ = ["case_commands", "catalogue_commands", "main", "study_commands"]

UNEXPECTED, USAGE, INTERRUPTED = 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and gives its exit code; errors are told in words, with a trace only under --debug."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code: Any = app(given, standalone_mode=False)
        if code == INTERRUPTED:  # Ctrl-C, already taken by typer
            say("Interrupted.")
        return code if isinstance(code, int) else 0
    except KeyboardInterrupt:
        say("Interrupted.")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (head, less) went away; Python must not complain when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # the outermost layer: every error becomes one message and a code
        return _tell(error, "--debug" in given)


def _tell(error: Exception, debug: bool) -> int:
    from perdure.errors import PerdureError

    if debug:
        traceback.print_exception(error)
    if hasattr(error, "format_message"):  # a mistake on the command line, told by click
        say(f"Error: {error.format_message()}\nTry 'perdure --help'.")
        return USAGE
    if type(error).__name__ == "Abort":
        say("Interrupted.")
        return INTERRUPTED
    if isinstance(error, PerdureError):
        say(str(error))
        return error.exit_code
    hint = "" if debug else " Run again with --debug for the trace, and please report it."
    say(f"Unexpected {type(error).__name__}: {error}.{hint}")
    return UNEXPECTED
