"""The installed command as a process, against the sandbox as another process."""

from __future__ import annotations

import atexit
import csv
import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from batcher.cli import session
from batcher.cli.app import run_command_line

COLUMNS = ("documentClass", "layout", "productionTime", "envelope", "color", "paperType", "printOption")
LETTER = (
    "Letter 8.5 x 11",
    "Address on Separate Page",
    "Next Day",
    "#10 Double Window",
    "Full Color",
    "White 24#",
    "Printing both sides",
)


@dataclass
class Sandbox:
    """A running emulator."""

    url: str

    def stats(self) -> dict[str, Any]:
        return dict(json.loads(self._get("stats")))

    def jobs(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._get("jobs").splitlines() if line]

    def _get(self, what: str) -> bytes:
        root = self.url.removesuffix("/molpro")
        with urllib.request.urlopen(f"{root}/_sandbox/{what}", timeout=60) as reply:
            body: bytes = reply.read()
            return body


@dataclass
class Shell:
    """An empty folder to run the command in, as a user would."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    launcher: tuple[str, ...] = ()

    def by_a_plain_user(self) -> Shell:
        """
        The same folder as a container's user finds it, who has no home and may write only where everybody may.

        Whoever runs the tests is that user already, unless it is root; what root has installed can still be read.
        """
        if os.geteuid() != 0:
            return self
        may_read = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
        plain = ("setpriv", "--reuid=10001", "--regid=10001", "--clear-groups", *may_read, "--")
        return replace(self, launcher=plain, env=self.env | {"HOME": "/nonexistent"})

    def batcher(
        self, *arguments: str, timeout: float = 240.0, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.command, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            input=stdin if stdin is not None else "",
        )

    def here(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """``batcher`` inside this process: a tenth of the work, where nothing hangs on the process being its own."""
        assert not self.launcher
        out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.chdir(self.folder)
            for name in [name for name in os.environ if name.startswith("BATCHER_")]:
                patch.delenv(name)
            for name, value in self.environment.items():
                patch.setenv(name, value)
            code = run_here(patch, *arguments)
        return subprocess.CompletedProcess(arguments, code, _written_to(out), _written_to(err))

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self.command, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def command(self) -> list[str]:
        return [*self.launcher, sys.executable, "-W", "error", "-m", "batcher"]

    @property
    def environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("BATCHER_")}
        return clean | {"BATCHER_USERNAME": "user", "BATCHER_PASSWORD": "canary-secret"} | self.env

    def manifest(self, rows: int, name: str = "letters.csv", **changes: dict[int, str]) -> Path:
        """A CSV of so many letters; ``changes`` maps a column to values by row number."""
        path = self.folder / name
        names = [*COLUMNS, "documentId", "addressId", *(column for column in changes if column not in _IDS)]
        with path.open("w", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(names)
            for number in range(1, rows + 1):
                row = dict(zip(COLUMNS, LETTER, strict=True)) | {"documentId": str(1000 + number), "addressId": "500"}
                row |= {column: values.get(number, row.get(column, "")) for column, values in changes.items()}
                writer.writerow([row[column] for column in names])
        return path

    def results(self, name: str = "letters.results.csv") -> list[dict[str, str]]:
        with (self.folder / name).open(newline="") as lines:
            return list(csv.DictReader(lines))


def run_here(patch: pytest.MonkeyPatch, *arguments: str) -> int:
    """
    Runs a command in the process, folder and environment that are there; returns its exit code.

    The commands are built once, and the collector does not go through all that the tests have made: for one command
    that takes no time, for a thousand it takes most of it.
    """
    patch.setattr(sys, "argv", ["batcher", *arguments])
    patch.setattr(typer.main, "get_command", _built_once)
    patch.setattr(session, "sparing_collector", nullcontext)
    with pytest.raises(SystemExit) as ended:
        run_command_line()
    assert isinstance(ended.value.code, int)
    return ended.value.code


_built_once = cache(typer.main.get_command)


def _written_to(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


_IDS = ("documentId", "addressId", *COLUMNS)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@contextmanager
def emulator(folder: Path, *flags: str, faults: str = "") -> Iterator[Sandbox]:
    """A sandbox as a process, with a fault plan in TOML."""
    if faults:
        plan = folder / "faults.toml"
        plan.write_text(faults)
        flags = (*flags, "--faults", str(plan))
    port = () if "--port" in flags else ("--port", "0")
    ours, theirs = socket.socketpair()
    with ours:
        with theirs, _ONE_AT_A_TIME:
            request = json.dumps([*port, "--exit-with-parent", *flags]).encode()
            socket.send_fds(_emulators(), [request], [theirs.fileno()])
            theirs.close()
            with ours.makefile() as said:
                sandbox = Sandbox(json.loads(said.readline())["url"])
        try:
            yield sandbox
        finally:
            ours.shutdown(socket.SHUT_WR)
            ours.settimeout(60)
            ours.recv(1)


_ONE_AT_A_TIME = threading.Lock()
"""A request is answered before the next one is made."""


@cache
def _emulators() -> socket.socket:
    """Where this process asks for emulators: see ``emulators.py``."""
    ours, theirs = socket.socketpair()
    with theirs:
        command = [sys.executable, "-m", "tests.acceptance.emulators"]
        process = subprocess.Popen(command, cwd=Path(__file__).parents[2], stdin=theirs)
    atexit.register(process.wait)
    atexit.register(ours.close)
    return ours


def send_signal(process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str, str]:
    """Signals a command and waits for its end; returns exit code, stdout and stderr."""
    process.send_signal(number)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def wait_until(is_so: Callable[[], object], limit_s: float = 120.0) -> None:
    """Waits for a condition that another process brings about."""
    deadline = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)
