"""Events, a log that is read back, and a clock driven by hand."""

import io
import json
from datetime import UTC, datetime
from typing import Any

from structlog.typing import FilteringBoundLogger

from batcher.core.events import (
    DoubtResolved,
    JobCreated,
    JobFailed,
    JobHeld,
    JobInDoubt,
    JobRejected,
    RetryScheduled,
    RunFinished,
    RunStarted,
)
from batcher.observe import make_log

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Terminal(io.StringIO):
    """A text stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class BrokenStream(io.StringIO):
    """A text stream that takes nothing, as a pipe that nobody reads from any more."""

    def write(self, text: str) -> int:
        raise BrokenPipeError(text)

    def flush(self) -> None:
        raise BrokenPipeError


class Clock:
    """Seconds, moved by the test."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def go(self, seconds: float) -> None:
        self.now += seconds


class Log:
    """A JSON log in memory; ``lines`` leaves out the time stamps, which are always noon."""

    def __init__(self, level: str = "info") -> None:
        self._stream = io.StringIO()
        self.log: FilteringBoundLogger = make_log(
            log_format="json", log_level=level, stream=self._stream, now=lambda: NOON
        )

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        read = [json.loads(line) for line in self.text.splitlines()]
        assert {line.pop("timestamp") for line in read} <= {"2026-03-01T12:00:00.000Z"}
        return read


def started(to_send: int = 100, in_doubt: int = 0) -> RunStarted:
    return RunStarted(
        campaign="spring",
        target="https://host/molpro",
        stage="create",
        rows=to_send + in_doubt,
        to_send=to_send,
        in_doubt=in_doubt,
    )


def finished(exit_code: int = 0) -> RunFinished:
    return RunFinished(campaign="spring", exit_code=exit_code, stopped_by=None, elapsed_s=1.5, counts={"created": 3})


def created(key: str = "k") -> JobCreated:
    return JobCreated(key=key, job_id=7, attempts=1, via="reply")


def rejected(key: str = "k", description: str = "no such document") -> JobRejected:
    return JobRejected(key=key, http_status=400, return_code=9, description=description)


def failed(key: str = "k") -> JobFailed:
    return JobFailed(key=key, attempts=5, reason="HTTP 429")


def held(key: str = "k") -> JobHeld:
    return JobHeld(key=key, reason="no look-up can be trusted")


def in_doubt(key: str = "k") -> JobInDoubt:
    return JobInDoubt(key=key, attempt=1, reason="timeout")


def resolved(key: str = "k") -> DoubtResolved:
    return DoubtResolved(key=key, state="created", job_id=7)


def retry(key: str = "k") -> RetryScheduled:
    return RetryScheduled(key=key, attempt=1, reason="HTTP 500", wait_s=0.5)
