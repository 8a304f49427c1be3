"""``batcher doctor``: settings, the way to the remote, the account, the clock."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.acceptance.conftest import Sandbox, Shell, emulator
from tests.cli.conftest import Ended

Cli = Callable[..., Ended]
CREDIT = b"<credit><balance>12.5</balance><allowNegative>false</allowNegative></credit>"


def checks(ended: Ended) -> dict[str, dict[str, Any]]:
    """The checks by name, from ``--json``."""
    return {check["check"]: check for check in json.loads(ended.out)["checks"]}


def levels(ended: Ended, *names: str) -> list[str]:
    return [checks(ended)[name]["level"] for name in names]


@pytest.fixture
def sandbox(shell: Shell) -> Iterator[Sandbox]:
    with emulator(shell.folder, "--require-auth", "user:canary-secret") as running:
        yield running


@contextmanager
def remote(*, status: int = 200, body: bytes = CREDIT, ahead_s: float = 0.0) -> Iterator[str]:
    """The base URL of a remote that answers everything alike, by a clock of its own."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string((time.time() if timestamp is None else timestamp) + ahead_s)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/molpro"
    finally:
        server.shutdown()
        server.server_close()
        serving.join()


def test_all_is_well(cli: Cli, sandbox: Sandbox) -> None:
    ended = cli("doctor", "--base-url", sandbox.url, "--json")
    found = checks(ended)

    assert (ended.code, ended.err) == (0, "")
    assert list(found) == [
        *("settings", "target", "connection", "TLS", "credentials", "credit", "clock"),
        *("ledger", "lock", "doubts", "drafts", "last run", "place", "disk", "open files", "look-up"),
    ]
    not_there = {"doubts", "drafts", "last run", "place"}
    assert [check["level"] for name, check in found.items() if name not in not_there] == [
        *["ok"] * 11,
        "skipped",
    ]
    assert found["credit"]["facts"] == {"credit_usd": 1_000_000.0}
    assert sandbox.stats()["calls"] == {"credit": 2}


def test_for_people_it_is_a_table(cli: Cli, sandbox: Sandbox) -> None:
    ended = cli("doctor", "--base-url", sandbox.url)
    lines = ended.out.splitlines()

    assert ended.code == 0
    assert lines[0] == "settings     ok       3 are not the default; `batcher config show` lists all"
    assert [line.split() for line in lines[1:4]] == [
        ["base_url", sandbox.url, "flag", "--base-url"],
        ["username", "user", "environment", "BATCHER_USERNAME"],
        ["password", "********", "environment", "BATCHER_PASSWORD"],
    ]
    assert "credentials  ok       the account lets us in" in lines
    assert "                      next: --probe MANIFEST makes one draft of its first row" in ended.out
    assert lines[-2] == ""


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["table", "json"])
def test_no_secret_is_told(cli: Cli, sandbox: Sandbox, form: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATCHER_SET", "rtnName=Canary Street")
    ended = cli("doctor", "--base-url", sandbox.url, *form)

    assert "rtnName" in ended.out
    assert "canary" not in (ended.out + ended.err).lower()


# What is not given, and what cannot be


def test_without_a_target_the_rest_is_looked_at(cli: Cli) -> None:
    ended = cli("doctor", "--json")

    assert (ended.code, levels(ended, "target", "ledger", "disk")) == (0, ["skipped", "ok", "ok"])
    assert "credentials" not in checks(ended)


def test_without_credentials_the_way_is_looked_at(cli: Cli, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BATCHER_USERNAME")
    monkeypatch.delenv("BATCHER_PASSWORD")
    ended = cli("doctor", "--base-url", sandbox.url, "--json")

    assert (ended.code, levels(ended, "connection", "credentials")) == (0, ["ok", "skipped"])
    assert sandbox.stats()["calls"] == {}


@pytest.mark.parametrize("name", ["BATCHER_USERNAME", "BATCHER_PASSWORD"])
def test_half_the_credentials_are_a_mistake(
    cli: Cli, sandbox: Sandbox, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(name)
    ended = cli("doctor", "--base-url", sandbox.url, "--json")

    assert (ended.code, levels(ended, "credentials")) == (2, ["failed"])


def test_two_targets_are_a_mistake_and_the_rest_is_looked_at(cli: Cli) -> None:
    ended = cli("doctor", "--sandbox", "--base-url", "http://127.0.0.1:1/molpro", "--json")

    assert (ended.code, levels(ended, "target", "ledger")) == (2, ["failed", "ok"])
    assert checks(ended)["target"]["next"] == "leave one, or name one by flag"


def test_a_variable_that_is_no_setting_is_a_warning(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATCHER_CONCURENCY", "4")
    ended = cli("doctor")

    assert ended.code == 0
    assert "settings    warning  environment BATCHER_CONCURENCY is no setting" in ended.out
    assert "next: did you mean BATCHER_CONCURRENCY?" in ended.out


def test_a_setting_that_is_none_is_one_line(cli: Cli) -> None:
    ended = cli("doctor", "--concurrency", "many", "--json")

    assert (ended.code, ended.out, ended.err.count("\n")) == (2, "", 1)


def test_more_connections_than_files_is_a_mistake(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resource.getrlimit", lambda which: (64, 128))
    ended = cli("doctor", "--json")

    assert (ended.code, levels(ended, "open files")) == (2, ["failed"])
    assert "--concurrency needs 216 open files" in checks(ended)["open files"]["what"]


# The way and the account


def test_wrong_credentials(cli: Cli, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATCHER_PASSWORD", "canary-typo")
    ended = cli("doctor", "--base-url", sandbox.url, "--json")

    assert (ended.code, levels(ended, "credentials", "credit", "clock")) == (7, ["failed", "skipped", "ok"])
    assert sandbox.stats()["calls"] == {"credit": 1}
    assert "canary" not in ended.out + ended.err


def test_a_wrong_path(cli: Cli, sandbox: Sandbox) -> None:
    ended = cli("doctor", "--base-url", f"{sandbox.url}/v2", "--json")

    assert (ended.code, levels(ended, "connection", "credentials")) == (2, ["ok", "failed"])


def test_nobody_there(cli: Cli) -> None:
    ended = cli("doctor", "--base-url", "http://127.0.0.1:1/molpro", "--json")

    assert (ended.code, levels(ended, "connection", "credentials")) == (2, ["failed", "skipped"])
    assert "Connection refused" in checks(ended)["connection"]["what"]


def test_a_ca_file_that_is_not_there(cli: Cli) -> None:
    ended = cli("doctor", "--base-url", "https://127.0.0.1:1/molpro", "--ca-file", "none.pem", "--json")

    assert (ended.code, levels(ended, "target", "connection")) == (2, ["ok", "failed"])
    assert "none.pem" in checks(ended)["connection"]["what"]


def test_a_remote_in_trouble_is_a_warning(cli: Cli) -> None:
    with remote(status=503, body=b"") as url:
        ended = cli("doctor", "--base-url", url, "--json")

    assert (ended.code, levels(ended, "credentials", "credit")) == (0, ["warning", "skipped"])


@pytest.mark.parametrize(
    ("ahead_s", "level", "says"),
    [(0.0, "ok", "agrees"), (3600.0, "warning", "behind the remote"), (-3600.0, "warning", "ahead of the remote")],
)
def test_the_clock_is_compared_with_the_remotes(cli: Cli, ahead_s: float, level: str, says: str) -> None:
    with remote(ahead_s=ahead_s) as url:
        ended = cli("doctor", "--base-url", url, "--json")

    clock = checks(ended)["clock"]
    assert (ended.code, clock["level"], says in clock["what"]) == (0, level, True)
    assert abs(clock["facts"]["ahead_s"] + ahead_s) < 60


def test_the_sandbox_of_its_own_leaves_nothing(cli: Cli, shell: Shell) -> None:
    ended = cli("doctor", "--sandbox", "--json")

    assert (ended.code, levels(ended, "target", "credentials", "clock")) == (0, ["ok", "ok", "ok"])
    assert list(shell.folder.iterdir()) == []
