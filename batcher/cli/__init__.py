"""The command line: one file a command. A command parses, calls one verb, and shows what came of it."""

from __future__ import annotations

import sys
from typing import Final

_SIGINT: Final = 130
"""``core.errors.Exit.SIGINT``, before anything could be imported."""


def main() -> None:
    """Runs the command line and ends the process with its exit code."""
    try:
        from .app import run_command_line
    except KeyboardInterrupt:  # the imports take a moment, and Ctrl-C in it is no bug to show a traceback for
        sys.exit(_SIGINT)
    run_command_line()
