"""A line of the log: its shape, where it goes, and what never gets into it."""

import io
import sys
from enum import IntEnum, StrEnum

import pytest

from batcher.observe import make_log

from .builders import NOON, BrokenStream, Log, Terminal


class Colour(StrEnum):
    RED = "red"


class Code(IntEnum):
    USAGE = 2


def test_a_json_line_begins_with_time_level_and_event():
    """One object a line; what it is bound to and what is said follow."""
    log = Log()

    log.log.bind(campaign="spring").warning("run.started", rows=3, reason=None)

    assert log.text == (
        '{"timestamp": "2026-03-01T12:00:00.000Z", "level": "warning", "event": "run.started",'
        ' "campaign": "spring", "rows": 3}\n'
    )


def test_a_console_line_is_for_people():
    """The same in columns, without colours where there is no terminal."""
    stream = io.StringIO()

    make_log(log_format="console", stream=stream, now=lambda: NOON).info("run.started", rows=3)

    assert stream.getvalue().split() == ["2026-03-01T12:00:00.000Z", "[info", "]", "run.started", "rows=3"]


@pytest.mark.parametrize(
    ("stream", "log_format", "is_json"),
    [
        (io.StringIO(), "auto", True),
        (Terminal(), "auto", False),
        (Terminal(), "json", True),
        (io.StringIO(), "console", False),
    ],
)
def test_the_format_suits_the_reader(stream: io.StringIO, log_format: str, is_json: bool):
    """``auto``: columns on a terminal, JSON elsewhere."""
    make_log(log_format=log_format, stream=stream).info("run.started")  # type: ignore[arg-type]

    assert stream.getvalue().startswith("{") == is_json


@pytest.mark.parametrize(("variable", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colours_can_be_refused(monkeypatch: pytest.MonkeyPatch, variable: str, value: str):
    """NO_COLOR and TERM=dumb are heard; a terminal gets colours otherwise."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    coloured, plain = Terminal(), Terminal()
    make_log(stream=coloured).info("run.started")
    monkeypatch.setenv(variable, value)
    make_log(stream=plain).info("run.started")

    assert "\x1b" in coloured.getvalue()
    assert "\x1b" not in plain.getvalue()


def test_values_are_plain():
    """Enums by their value; control characters made visible, so that no text forges a line or moves a cursor."""
    log = Log()

    log.log.info("job.rejected", state=Colour.RED, code=Code.USAGE, text="a\nb\x1b[2J", long="x" * 1000)

    assert log.lines == [
        {
            "level": "info",
            "event": "job.rejected",
            "state": "red",
            "code": 2,
            "text": "a\\nb\\x1b[2J",
            "long": "x" * 499 + "…",
        }
    ]


def test_less_than_the_level_is_not_written():
    """--log-level is the least that is shown."""
    log = Log("warning")

    log.log.info("run.started")
    log.log.error("job.failed")

    assert [line["event"] for line in log.lines] == ["job.failed"]


def test_the_log_goes_to_standard_error_as_it_is_at_that_moment(monkeypatch: pytest.MonkeyPatch):
    """While a bar is shown something else stands in its place, and a line must go there."""
    log = make_log()
    first, second = io.StringIO(), io.StringIO()

    monkeypatch.setattr(sys, "stderr", first)
    log.info("run.started")
    monkeypatch.setattr(sys, "stderr", second)
    log.info("run.finished")

    assert "run.started" in first.getvalue()
    assert "run.finished" in second.getvalue()


def test_a_log_that_cannot_be_written_stops_nothing(monkeypatch: pytest.MonkeyPatch):
    """The reader is gone, or the stream closed: the letters go on."""
    closed = io.StringIO()
    closed.close()

    for stream in (BrokenStream(), closed):
        monkeypatch.setattr(sys, "stderr", stream)
        make_log().info("run.started")
