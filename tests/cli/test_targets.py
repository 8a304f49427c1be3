"""A campaign belongs to one account; a target that was mistyped does not lock it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.acceptance.conftest import Sandbox, Shell, emulator
from tests.cli.conftest import Ended

Cli = Callable[..., Ended]
QUICK = ("--timeout", "20", "--settle", "0.5", "--backoff", "0.05", "--max-backoff", "0.2", "--log-format", "console")


@pytest.fixture
def sandbox(shell: Shell) -> Iterator[Sandbox]:
    with emulator(shell.folder, "--require-auth", "user:canary-secret") as running:
        yield running


def test_a_mistyped_user_name_does_not_lock_the_campaign(
    cli: Cli, shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.manifest(3)
    run = ("run", "letters.csv", "--base-url", sandbox.url, *QUICK)
    monkeypatch.setenv("BATCHER_USERNAME", "usr")
    mistyped = cli(*run)
    monkeypatch.setenv("BATCHER_USERNAME", "user")
    right = cli(*run)

    assert (mistyped.code, right.code) == (7, 0), right.err
    assert right.err.count("target.changed") == 1
    assert "no job can have been made under the user name it had" in right.err
    assert sandbox.stats()["jobs_created"] == 3


@pytest.mark.parametrize(
    ("wrong", "code"),
    [("http://127.0.0.1:1/molpro", 5), ("{url}/molpro", 2)],
    ids=["nobody listens there", "nothing is served there"],
)
def test_a_mistyped_address_does_not_lock_the_campaign(
    cli: Cli, shell: Shell, sandbox: Sandbox, wrong: str, code: int
) -> None:
    shell.manifest(3)
    there = wrong.format(url=sandbox.url)
    mistyped = cli("run", "letters.csv", "--base-url", there, "--max-outage", "0.1", *QUICK)
    right = cli("run", "letters.csv", "--base-url", sandbox.url, *QUICK)

    assert (mistyped.code, right.code) == (code, 0), right.err
    assert f"old={there} new={sandbox.url}" in right.err
    assert cli("status", "letters").out.split()[3] == sandbox.url
    assert sandbox.stats()["jobs_created"] == 3


def test_the_target_stays_as_it_is_when_the_load_is_refused(cli: Cli, shell: Shell, sandbox: Sandbox) -> None:
    shell.manifest(3)
    cli("run", "letters.csv", "--base-url", f"{sandbox.url}/molpro", *QUICK)
    shell.manifest(4)
    refused = cli("run", "letters.csv", "--base-url", sandbox.url, *QUICK)

    assert (refused.code, "has other rows" in refused.err) == (4, True)
    assert cli("status", "letters").out.split()[3] == f"{sandbox.url}/molpro"


def test_what_was_sent_at_the_new_target_in_another_campaign_is_not_sent_again(
    cli: Cli, shell: Shell, sandbox: Sandbox
) -> None:
    shell.manifest(3)
    cli("run", "letters.csv", "--base-url", sandbox.url, "--campaign", "first", *QUICK)
    cli("run", "letters.csv", "--base-url", f"{sandbox.url}/molpro", *QUICK)
    refused = cli("run", "letters.csv", "--base-url", sandbox.url, *QUICK)

    assert (refused.code, "already sent in another campaign" in refused.err) == (4, True)
    assert sandbox.stats()["jobs_created"] == 3


def test_a_campaign_that_was_sent_stays_where_it_is(
    cli: Cli, shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.manifest(3)
    cli("run", "letters.csv", "--base-url", sandbox.url, "--limit", "1", *QUICK)
    elsewhere = cli("run", "letters.csv", "--sandbox", *QUICK)
    monkeypatch.setenv("BATCHER_USERNAME", "somebody else")
    other_user = cli("run", "letters.csv", "--base-url", sandbox.url, *QUICK)

    assert (elsewhere.code, other_user.code) == (4, 4)
    assert f"belongs to {sandbox.url}, where rows of it were sent" in elsewhere.err
    assert "another user name, under which rows of it were sent" in other_user.err


def test_reconcile_works_where_the_campaign_belongs(
    cli: Cli, shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.manifest(1)
    cli("run", "letters.csv", "--base-url", sandbox.url, *QUICK)
    elsewhere = cli("reconcile", "letters", "--base-url", "http://127.0.0.1:1/molpro")
    monkeypatch.setenv("BATCHER_USERNAME", "somebody else")
    other_user = cli("reconcile", "letters", "--base-url", sandbox.url)

    assert (elsewhere.code, other_user.code) == (4, 4)
    assert f"belongs to {sandbox.url}, not to http://127.0.0.1:1/molpro" in elsewhere.err
    assert "belongs to another user name" in other_user.err
