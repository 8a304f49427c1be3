"""What is counted, and how it is shown: a bar on a terminal, a line in the log elsewhere."""

import io
import re
import sys
import threading

import pytest
from rich.console import Console

from batcher.core.events import ConcurrencyChanged, Event, ManifestRead, PaceChanged, StatesRead
from batcher.observe import Counts, Speed, make_log, open_progress
from batcher.observe.bar import Bar
from batcher.observe.progress import Reports, Silence
from batcher.observe.standing import clock_text

from .builders import (
    BrokenStream,
    Clock,
    Log,
    Terminal,
    created,
    failed,
    held,
    in_doubt,
    rejected,
    resolved,
    retry,
    started,
)

A_RUN: list[Event] = [
    started(to_send=100, in_doubt=2),
    *(created() for _ in range(40)),
    rejected(),
    rejected(),
    failed(),
    in_doubt(),
    in_doubt(),
    retry(),
    resolved(),
    created(),
    resolved(),
    held(),
]


def picture(bar: Bar, width: int = 78) -> list[str]:
    console = Console(file=io.StringIO(), width=width, no_color=True)
    with console.capture() as capture:
        console.print(bar.picture())
    return [line.strip("━╺╸ ") for line in capture.get().splitlines()]


def a_bar(clock: Clock) -> Bar:
    return Bar(Console(file=io.StringIO(), force_terminal=True, width=78), clock)


def test_rows_are_counted_by_what_became_of_them():
    """A settled doubt is no longer in doubt, and is counted as what it turned out to be."""
    counts = Counts()

    for event in A_RUN:
        counts(event)

    assert {name: value for name, value in vars(counts).items() if not name.startswith("_")} == {
        "read": 0,
        "asked": 0,
        "to_ask": None,
        "total": 102,
        "done": 41,
        "done_word": "created",
        "rejected": 2,
        "failed": 1,
        "held": 1,
        "in_doubt": 2,
        "retries": 1,
    }
    assert (counts.finished, counts.left) == (45, 57)


def test_speed_is_that_of_the_last_seconds():
    """What happened longer ago than the window no longer counts."""
    speed = Speed(window_s=10)

    looks = [speed.per_s(now, finished) for now, finished in [(0, 0), (5, 500), (10, 1000), (15, 1000), (20, 1000)]]

    assert looks == [0.0, 100.0, 100.0, 50.0, 0.0]


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (7.4, "0:07"), (725, "12:05"), (3723, "1:02:03")])
def test_durations_look_like_a_clock(seconds: float, text: str):
    """Minutes and seconds, with hours where there are some."""
    assert clock_text(seconds) == text


# The bar


def test_the_bar_tells_counts_speed_and_times():
    """Two lines that fit 80 columns."""
    clock = Clock()
    bar = a_bar(clock)
    picture(bar)
    bar(A_RUN[0])
    picture(bar)
    clock.go(9)
    for event in A_RUN[1:]:
        bar(event)

    assert picture(bar) == [
        "44% · 5.0/s · 0:09 · 0:11 left",
        "45 of 102 · 41 created · 2 rejected · 1 failed · 2 in doubt · 1 held",
    ]


def test_the_bar_tells_when_the_remote_holds_a_run_back():
    """Beside the speed, which it explains."""
    bar = a_bar(Clock())
    bar(started(to_send=1))
    bar(ConcurrencyChanged(limit=16, most=16))
    bar(ConcurrencyChanged(limit=11, most=16))

    assert picture(bar)[0] == "0% · 0.0/s · 11 of 16 at once · 0:00"


def test_the_bar_before_the_run():
    """A big manifest takes a while to load."""
    clock = Clock()
    bar = a_bar(clock)
    clock.go(61)

    assert picture(bar) == ["getting ready · 1:01"]


def test_the_bar_while_the_manifest_is_read():
    """Rows, as there is no end in sight."""
    bar = a_bar(Clock())
    bar(ManifestRead(rows=345_000))

    assert picture(bar) == ["reading and checking the manifest · 345,000 rows · 0:00"]


def test_the_bar_while_jobs_are_asked_where_they_stand():
    """And why it does not go on."""
    bar = a_bar(Clock())
    bar(StatesRead(jobs=256, total=1000))
    asking = picture(bar)
    bar(PaceChanged(reason="HTTP 429", wait_s=6.0, concurrency=16))

    assert asking == ["asking where jobs stand · 256 of 1,000 · 0:00"]
    assert picture(bar) == [*asking, "the remote asks to wait 0:06 (HTTP 429)"]


def test_the_bar_says_what_a_run_waits_for():
    """A third line, only then; no time is promised while only doubts are left."""
    bar = a_bar(Clock())
    bar(started(to_send=1))
    bar(in_doubt())

    assert picture(bar)[2:] == ["looking up 1 row in doubt"]
    assert "left" not in picture(bar)[0]


def test_the_bar_of_a_run_with_nothing_to_do():
    """No row, no division."""
    bar = a_bar(Clock())
    bar(started(to_send=0))

    assert picture(bar) == ["100% · 0.0/s · 0:00", "0 of 0 · 0 created · 0 rejected · 0 failed · 0 in doubt"]


def test_the_bar_is_drawn_while_entered(monkeypatch: pytest.MonkeyPatch):
    """On standard error only; log lines appear above it, and standard output is not touched."""
    terminal, out = Terminal(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setenv("TERM", "xterm")
    log = make_log()

    with open_progress(log) as progress:
        progress(started(to_send=1))
        log.info("run.started", rows=1)
        sys.stdout.write("result\n")
        progress(created())

    shown = terminal.getvalue()
    assert isinstance(progress, Bar)
    assert shown.index("run.started") < shown.rindex("1 of 1 · 1 created")
    assert out.getvalue() == "result\n"
    assert sys.stderr is terminal


def test_a_bar_on_a_terminal_that_is_gone_stops_nothing(monkeypatch: pytest.MonkeyPatch):
    """Whoever watched has closed the window."""

    class Gone(BrokenStream, Terminal):
        pass

    monkeypatch.setenv("TERM", "xterm")
    with open_progress(Log().log, stream=Gone()) as progress:
        progress(created())

    assert progress.counts.done == 1


# The line


def test_a_report_is_one_line_with_the_same_numbers():
    """As an event of its own in the log."""
    log, clock = Log(), Clock()
    reports = Reports(log.log.bind(campaign="spring"), clock)
    with reports:
        for event in A_RUN:
            reports(event)
        clock.go(30)
        reports.report()

    assert log.lines == [
        {
            "level": "info",
            "event": "run.progressed",
            "campaign": "spring",
            "finished": 45,
            "total": 102,
            "created": 41,
            "rejected": 2,
            "failed": 1,
            "held": 1,
            "in_doubt": 2,
            "retries": 1,
            "per_s": 1.5,
            "eta_s": 38,
            "elapsed_s": 30,
        }
    ]


def test_a_report_tells_when_the_remote_holds_a_run_back():
    """For whoever reads in the morning why it took so long."""
    log, clock = Log(), Clock()
    with Reports(log.log, clock) as reports:
        for event in (started(), ConcurrencyChanged(limit=16, most=16), ConcurrencyChanged(limit=11, most=16)):
            reports(event)
        reports.report()

    assert [line["at_once"] for line in log.lines] == ["11 of 16 at once"]


def test_a_report_while_jobs_are_asked_where_they_stand():
    """A line of its own, as no run has begun."""
    log = Log()
    with Reports(log.log, Clock()) as reports:
        reports.report()
        reports(StatesRead(jobs=256, total=1000))
        reports.report()

    assert log.lines == [{"level": "info", "event": "states.read", "jobs": 256, "total": 1000}]


def test_a_silent_run_still_reports():
    """No event is needed, only time; and nothing is reported before the run began or after its end."""
    log, reported = Log(), threading.Event()

    class Watched(Reports):
        def report(self) -> None:
            super().report()
            if self.counts.total is not None:
                reported.set()

    with Watched(log.log, Clock(), every_s=0.001) as reports:
        reports(started())
        assert reported.wait(120)
    lines = len(log.lines)

    assert lines >= 1
    assert {line["event"] for line in log.lines} == {"run.progressed"}
    assert "progress" not in {thread.name for thread in threading.enumerate()}
    assert len(log.lines) == lines


@pytest.mark.parametrize(
    ("stream", "term", "quiet", "kind"),
    [
        (Terminal(), "xterm", False, Bar),
        (Terminal(), "dumb", False, Reports),
        (io.StringIO(), "xterm", False, Reports),
        (Terminal(), "xterm", True, Silence),
        (io.StringIO(), "xterm", True, Silence),
    ],
)
def test_progress_suits_the_place(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, term: str, quiet: bool, kind: type
):
    """A bar needs a terminal that can move its cursor; -q wants nothing at all."""
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("FORCE_COLOR", "1")

    with open_progress(Log().log, quiet=quiet, stream=stream) as progress:
        progress(created())

    assert type(progress) is kind
    assert progress.counts.done == 1


def test_no_color_leaves_the_bar_without_colours(monkeypatch: pytest.MonkeyPatch):
    """It moves all the same."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal()

    with open_progress(Log().log, stream=terminal) as progress:
        progress(started())

    assert "0 of 100" in terminal.getvalue()
    assert re.findall(r"\x1b\[[34][\d;]*m", terminal.getvalue()) == []
