"""
Standard input, output and error as a command finds them: maybe closed, cut off, or on a full disk.

What is closed is opened on nothing before anything else is opened: a ledger under descriptor 2 would be written to by
whoever reports an error.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from batcher.core.errors import LedgerError


def open_standard_streams() -> None:
    """Opens on nothing what the caller has closed (as ``2>&-`` does), so that no other file gets its number."""
    for number, mode in ((0, "r"), (1, "w"), (2, "w")):
        try:
            os.fstat(number)
        except OSError:
            nothing = os.open(os.devnull, os.O_RDWR)
            if nothing != number:
                os.dup2(nothing, number)
                os.close(nothing)
            name = ("stdin", "stdout", "stderr")[number]
            setattr(sys, name, io.TextIOWrapper(io.FileIO(number, mode, closefd=False), encoding="utf-8"))
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A sign that the terminal's encoding lacks, or a file's name that is no UTF-8, must not end a command.
        sys.stdout.reconfigure(errors="backslashreplace")


@contextmanager
def writing_out() -> Iterator[TextIO]:
    """
    Standard output to write to. Nobody may be reading any more, as behind ``| head``: then the rest goes nowhere.

    Raises:
        LedgerError: it cannot be written, as on a full disk.
    """
    try:
        yield sys.stdout
        sys.stdout.flush()
    except BrokenPipeError:
        leave_out()
    except OSError as error:
        leave_out()
        raise LedgerError(
            f"standard output cannot be written: {error.strerror or error}; the ledger has it all, ask `batcher status`"
        ) from error


def write_error(line: str) -> None:
    """
    One line to standard error. Where that cannot be written, as on a full disk, nobody reads it, and nothing else
    changes: the exit code must still say what happened.
    """
    try:
        sys.stderr.write(f"{line}\n")
    except OSError:
        leave_error()


def close_error() -> None:
    """Writes out what standard error holds; what cannot be written must not become the exit code."""
    try:
        sys.stderr.flush()
    except OSError:
        leave_error()


def leave_out() -> None:
    """Lets go of standard output; what is still to be written to it goes nowhere."""
    _leave(sys.stdout.fileno())


def leave_error() -> None:
    """The same for standard error."""
    _leave(2)


def _leave(number: int) -> None:
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, number)
    os.close(nothing)
