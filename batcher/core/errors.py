"""
What the caller did not plan. What the remote may do is a value in ``core.outcome``, not an exception.

Every message is one line for people: what, where, and what to do next. ``exit_code`` is the process's answer.
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar


class Exit(IntEnum):
    """The process's exit codes; README, section "Exit codes", says what to do on each."""

    OK = 0
    BUG = 1
    USAGE = 2
    REJECTED = 3
    MANIFEST = 4
    FAILED = 5
    IN_DOUBT = 6
    REFUSED = 7
    TOO_MANY_FAILURES = 8
    NOT_CONFIRMED = 9
    STOPPED = 10
    LEDGER_BUSY = 11
    LEDGER_BROKEN = 12
    SIGINT = 130
    SIGTERM = 143


class BatcherError(Exception):
    """Something went wrong that the user should read in one line."""

    exit_code: ClassVar[Exit] = Exit.BUG


class ConfigError(BatcherError):
    """A flag, a setting or an address is wrong."""

    exit_code = Exit.USAGE


class ManifestError(BatcherError):
    """The manifest cannot be read, or does not fit what the ledger holds; nothing was sent."""

    exit_code = Exit.MANIFEST


class LoadInterrupted(BatcherError):
    """Somebody asked to stop before the manifest was part of the ledger."""

    exit_code = Exit.SIGINT

    def __init__(self) -> None:
        super().__init__("stopped while the manifest was read; nothing was loaded or sent")


class RemoteRefused(BatcherError):
    """The remote refuses us: credentials, account, payment."""

    exit_code = Exit.REFUSED


class RemoteSilent(BatcherError):
    """The remote was asked something and did not tell; it may in a while."""

    exit_code = Exit.FAILED


class LedgerError(BatcherError):
    """The ledger cannot be used: damaged, unwritable, no space."""

    exit_code = Exit.LEDGER_BROKEN


class LedgerBusy(LedgerError):
    """Another run holds the ledger."""

    exit_code = Exit.LEDGER_BUSY


class LedgerMissing(LedgerError):
    """There is no ledger where one was named."""

    exit_code = Exit.USAGE


class LedgerTooNew(LedgerError):
    """A newer version of batcher wrote the ledger."""


class IllegalMove(LedgerError):
    """A move that the state machine does not have: a bug of ours."""

    exit_code = Exit.BUG
