"""One question of the doctor and its answer, and the exit code that all answers come to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from batcher.core.errors import BatcherError, Exit
from batcher.core.tally import StopReason, exit_of_stop, gravest

Fact = str | int | float | None


class Level(StrEnum):
    """How an answer came out."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """
    ``what`` was found, in one line, and the ``next_step``, where there is one to take. ``facts`` are for programs.

    ``exit_code`` is what a failed one ends the command with; a run could not do its work, then, or not all of it.
    """

    name: str
    level: Level
    what: str
    next_step: str | None = None
    exit_code: Exit = Exit.OK
    facts: Mapping[str, Fact] = field(default_factory=dict)


def ok(name: str, what: str, **facts: Fact) -> Check:
    """All is well."""
    return Check(name=name, level=Level.OK, what=what, facts=facts)


def warning(name: str, what: str, next_step: str | None = None, **facts: Fact) -> Check:
    """A run would do its work, and somebody should know."""
    return Check(name=name, level=Level.WARNING, what=what, next_step=next_step, facts=facts)


def failed(name: str, what: str, next_step: str | None, exit_code: Exit, **facts: Fact) -> Check:
    """A run could not do its work."""
    return Check(name=name, level=Level.FAILED, what=what, next_step=next_step, exit_code=exit_code, facts=facts)


def failed_by(name: str, error: BatcherError) -> Check:
    """Failed by what an error says; our errors say what is wrong, and behind a semicolon what to do."""
    what, _, next_step = str(error).partition("; ")
    return failed(name, what, next_step or None, error.exit_code)


def skipped(name: str, what: str, next_step: str | None = None) -> Check:
    """Not asked."""
    return Check(name=name, level=Level.SKIPPED, what=what, next_step=next_step)


def exit_of(checks: Iterable[Check], stop: StopReason | None = None) -> Exit:
    """The code to end with, also where somebody asked to stop."""
    codes = {check.exit_code for check in checks}
    return gravest(codes if stop is None else codes | {exit_of_stop(stop)})
