"""The command line: one file a command. A command parses, calls one verb, and shows what came of it."""

from __future__ import annotations


def main() -> None:
    """Runs the command line and ends the process with its exit code."""
    from .app import run_command_line

    run_command_line()
