"""Which events become lines, at which level, and how many of them."""

from dataclasses import fields
from typing import Any, get_type_hints

import pytest

from batcher.core import events
from batcher.core.events import AttemptFinished, DoubtResolved, Event, IntentRecorded, JobCreated, ManifestRead
from batcher.observe import fan_out, log_listener

from .builders import Clock, Log, created, failed, finished, in_doubt, rejected, retry, started

EXAMPLES: dict[str, Any] = {
    "str": "text",
    "int": 100_000,
    "float": 0.5,
    "str | None": None,
    "int | None": 5,
    "float | None": 2.0,
}


def example(kind: type[Event]) -> Event:
    types = {field.name: field.type for field in fields(kind)}
    special: dict[str, Any] = {"dict[str, int]": {"created": 1}, "tuple[int, ...]": (8, 9)}
    return kind(**{name: (EXAMPLES | special)[str(of)] for name, of in types.items()})


ALL_EVENTS = [kind for kind in vars(events).values() if isinstance(kind, type) and issubclass(kind, Event)][1:]


def levels_of(*, verbose: bool, level: str = "info") -> dict[str, str]:
    log = Log(level)
    tell = log_listener(log.log, verbose=verbose, clock=Clock())
    for kind in ALL_EVENTS:
        tell(example(kind))
    return {line["event"]: line["level"] for line in log.lines}


MILESTONES_AND_TROUBLE = {
    "run.started": "info",
    "run.finished": "info",
    "retry.scheduled": "warning",
    "job.rejected": "error",
    "job.failed": "error",
    "job.in_doubt": "warning",
    "job.held": "error",
    "doubt.waived": "warning",
    "target.changed": "warning",
    "rows.rechecked": "info",
    "jobs.duplicated": "error",
    "job_id.taken": "error",
    "lookup.proven": "info",
    "lookup.unproven": "warning",
    "status.proven": "info",
    "status.unproven": "warning",
    "breaker.opened": "warning",
    "breaker.closed": "info",
    "ledger.misplaced": "warning",
    "manifest.read": "info",
    "costs.read": "info",
    "pace.changed": "warning",
    "drain.started": "warning",
    "ledger.locked": "warning",
    "ledger.recovered": "warning",
    "move.lost": "error",
    "preflight.finished": "info",
    "preflight.skipped": "warning",
    "preflight.limited": "info",
    "preflight.doubted": "warning",
    "lists.awaited": "info",
}


def test_a_run_logs_milestones_and_trouble():
    """No line a row that went well, none for what is only of interest to who looks for a bug."""
    assert levels_of(verbose=False) == MILESTONES_AND_TROUBLE


def test_verbose_adds_a_line_a_finished_row():
    """-v, at info; debug stays debug."""
    assert levels_of(verbose=True) == MILESTONES_AND_TROUBLE | {
        "job.created": "info",
        "job.submitted": "info",
        "job.deleted": "info",
        "doubt.resolved": "info",
    }


def test_the_level_debug_shows_attempts():
    """--log-level debug, with -v: everything there is."""
    assert levels_of(verbose=True, level="debug").keys() == {kind.name for kind in ALL_EVENTS}


def test_a_line_holds_the_event_and_what_it_belongs_to():
    """The event's fields as they are; what is None is not there."""
    log = Log()
    tell = log_listener(log.log, campaign="spring", run=4, verbose=True)

    tell(started(to_send=2))
    tell(created("row 1"))
    tell(rejected("row 2", description="no such document"))
    tell(finished())

    bound = {"campaign": "spring", "run": 4}
    assert log.lines == [
        {"level": "info", "event": "run.started", **bound, "target": "https://host/molpro"}
        | {"stage": "create", "rows": 2, "to_send": 2, "in_doubt": 0},
        {"level": "info", "event": "job.created", **bound, "key": "row 1", "job_id": 7, "attempts": 1, "via": "reply"},
        {"level": "error", "event": "job.rejected", **bound, "key": "row 2"}
        | {"http_status": 400, "return_code": 9, "description": "no such document"},
        {"level": "info", "event": "run.finished", **bound, "exit_code": 0, "elapsed_s": 1.5, "counts": {"created": 3}},
    ]


def test_a_storm_of_warnings_is_sampled():
    """Ten in ten seconds, then one line that says how many there were more; and anew."""
    log, clock = Log(), Clock()
    tell = log_listener(log.log, clock=clock)

    for number in range(1000):
        tell(retry(f"{number}"))
    tell(in_doubt())
    clock.go(9.9)
    tell(retry("late"))
    clock.go(0.1)
    tell(retry("next"))

    retries = [line["key"] for line in log.lines if line["event"] == "retry.scheduled"]
    assert retries == [*(f"{number}" for number in range(10)), "next"]
    assert log.lines[-2:] == [
        {"level": "warning", "event": "lines.omitted", "of": "retry.scheduled", "omitted": 991},
        {"level": "warning", "event": "retry.scheduled", "key": "next"}
        | {"attempt": 1, "reason": "HTTP 500", "wait_s": 0.5},
    ]
    assert [line["event"] for line in log.lines].count("job.in_doubt") == 1


def test_errors_thin_out():
    """The first twenty, then the hundredth, the thousandth; the end says how many were left out."""
    log = Log()
    tell = log_listener(log.log, clock=Clock())

    for number in range(1, 12_001):
        tell(rejected(f"{number}"))
    tell(failed())
    tell(finished(3))

    assert [line["key"] for line in log.lines if line["event"] == "job.rejected"] == [
        *(f"{number}" for number in range(1, 21)),
        "100",
        "1000",
        "10000",
    ]
    assert [line["seen"] for line in log.lines if "seen" in line] == [100, 1000, 10_000]
    assert [line for line in log.lines if line["event"] == "lines.omitted"] == [
        {"level": "warning", "event": "lines.omitted", "of": "job.rejected", "omitted": 11_977}
    ]
    assert log.lines[-1]["event"] == "run.finished"


def test_what_was_left_out_is_said_at_the_end_also_of_a_storm():
    """A storm that the run ends in has its last line too, once."""
    log = Log()
    tell = log_listener(log.log, clock=Clock())

    for _ in range(12):
        tell(retry())
    tell(finished())
    tell.say_omitted()

    assert [line["omitted"] for line in log.lines if "omitted" in line] == [2]


def test_verbose_leaves_nothing_out():
    """Whoever asks for every line gets every line."""
    log = Log()
    tell = log_listener(log.log, verbose=True, clock=Clock())

    for _ in range(150):
        tell(retry())
        tell(rejected())

    assert len(log.lines) == 300


def test_an_event_without_a_line_is_looked_up_by_its_class_and_dropped():
    """Most events of a run are such: after the first of a class neither the event nor the log is touched."""
    silent = (JobCreated, DoubtResolved, IntentRecorded, AttemptFinished)
    log = Log()
    tell = log_listener(log.log)
    for kind in silent:
        tell(example(kind))
    del tell._log

    for kind in silent:
        tell(kind.__new__(kind))  # none of its fields is there to be read

    assert log.lines == []


def test_events_carry_nothing_that_a_letter_says():
    """A new event field must be of a kind that is known to be harmless: the log writes all of them."""
    harmless = {"str", "int", "float", "str | None", "int | None", "float | None", "dict[str, int]", "tuple[int, ...]"}
    names = {field.name for kind in ALL_EVENTS for field in fields(kind)}

    assert {str(field.type) for kind in ALL_EVENTS for field in fields(kind)} <= harmless
    assert names.isdisjoint(
        {"parameters", "row", "payload", "body", "address", "password", "username", "authorization"}
    )
    assert all(get_type_hints(kind) for kind in ALL_EVENTS)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_every_listener_hears_every_event(count: int):
    """In order, the same records."""
    heard: list[list[Event]] = [[] for _ in range(count)]
    tell = fan_out(*(one.append for one in heard))

    tell(started())
    tell(finished())

    assert heard == [[started(), finished()]] * count


def test_a_manifest_has_a_line_every_hundred_thousand_rows():
    """Progress hears of every batch, the log does not."""
    log = Log()
    tell = log_listener(log.log, clock=Clock())
    for rows in range(1_000, 250_001, 1_000):
        tell(ManifestRead(rows=rows))

    assert [line["rows"] for line in log.lines] == [100_000, 200_000]


def test_a_brief_log_says_little_of_each_kind():
    """Above a bar, which counts them and must stay in sight."""
    log = Log()
    tell = log_listener(log.log, brief=True, clock=Clock())
    for _ in range(50):
        tell(in_doubt())
        tell(rejected())
    tell(ManifestRead(rows=100_000))

    events = [line["event"] for line in log.lines]
    assert (events.count("job.in_doubt"), events.count("job.rejected"), events.count("manifest.read")) == (3, 6, 0)
