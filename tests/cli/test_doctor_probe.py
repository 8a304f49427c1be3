"""``batcher doctor --probe``: one draft against the sandbox, and what is left of it."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.conftest import Sandbox, Shell, emulator, send_signal
from tests.cli.conftest import Ended
from tests.cli.test_doctor import checks, levels

Cli = Callable[..., Ended]
PROBE = ("draft", "look-up", "clean-up")
LATE = '[[fault]]\non = "create"\ndo = "{}"\n'


def probe(cli: Cli, sandbox: Sandbox, *flags: str) -> Ended:
    return cli("doctor", "--base-url", sandbox.url, "--probe", "letters.csv", "--settle", "2", "--json", *flags)


def states(sandbox: Sandbox) -> list[str]:
    return [job["state"] for job in sandbox.jobs()]


@pytest.fixture(autouse=True)
def manifest(shell: Shell) -> Path:
    return shell.manifest(3)


def test_an_account_that_can_settle_doubts(cli: Cli, shell: Shell) -> None:
    with emulator(shell.folder) as sandbox:
        ended = probe(cli, sandbox, "--row", "2")
        jobs = sandbox.jobs()

    assert (ended.code, levels(ended, *PROBE)) == (0, ["ok", "ok", "ok"])
    assert checks(ended)["draft"]["what"].startswith("row 2 of letters.csv became job 13000001 (Editing), ")
    assert [(job["documentId"], job["state"]) for job in jobs] == [("1002", "DELETED")]
    signature = jobs[0]["appSignature"]
    assert signature.startswith("doctor-")
    assert f"probe: one draft is made under the signature {signature}, and deleted again" in ended.err
    assert [path.name for path in shell.folder.iterdir()] == ["letters.csv"]


def test_the_lag_is_measured(cli: Cli, shell: Shell) -> None:
    with emulator(shell.folder, "--lag", "0.6") as sandbox:
        ended = probe(cli, sandbox, "--settle", "30")

    facts = checks(ended)["look-up"]["facts"]
    assert (ended.code, facts["trusted"]) == (0, True)
    assert facts["lag_s"] >= 0.6


@pytest.mark.parametrize(
    ("mode", "reason", "left"),
    [
        ("empty", "a job that exists is not found by its signature", ["DELETED"]),
        ("missing", "the look-up is answered with HTTP 404 and no list", []),
    ],
)
def test_an_account_that_cannot(cli: Cli, shell: Shell, mode: str, reason: str, left: list[str]) -> None:
    with emulator(shell.folder, "--lookup-mode", mode) as sandbox:
        ended = probe(cli, sandbox, "--settle", "0.3")

        assert (ended.code, states(sandbox)) == (0, left)
    look_up = checks(ended)["look-up"]
    assert (look_up["level"], look_up["facts"], reason in look_up["what"]) == ("warning", {"trusted": False}, True)
    assert "--on-doubt" in look_up["next"]


def test_an_account_that_lists_anything(cli: Cli, shell: Shell) -> None:
    with emulator(shell.folder, "--lookup-mode", "ignores_query") as sandbox:
        # Something must be there that it can list.
        cli("run", "letters.csv", "--base-url", sandbox.url, "--settle", "0.2", "-q")
        ended = probe(cli, sandbox)

        assert (ended.code, states(sandbox)) == (0, ["EDITING"] * 3)
    assert levels(ended, "draft", "look-up") == ["skipped", "warning"]
    assert "a signature that was never used found 3 jobs" in checks(ended)["look-up"]["what"]


def test_a_lost_reply_is_looked_up_and_said(cli: Cli, shell: Shell) -> None:
    with emulator(shell.folder, faults=LATE.format("reset_after")) as sandbox:
        ended = probe(cli, sandbox)
        kept, calls = states(sandbox), sandbox.stats()["calls"]

    draft = checks(ended)["draft"]
    assert (ended.code, draft["level"], kept, calls["create"]) == (0, "warning", ["EDITING"], 1)
    assert "the look-up lists job 13000001, which proves nothing by itself" in draft["what"]
    assert draft["facts"]["signature"] in draft["what"]


def test_a_draft_that_cannot_be_deleted_is_named(cli: Cli, shell: Shell) -> None:
    with emulator(shell.folder, faults='[[fault]]\non = "delete"\ndo = "page_502"\n') as sandbox:
        ended = probe(cli, sandbox)
        tries = sandbox.stats()["calls"]["delete"]

    clean_up = checks(ended)["clean-up"]
    assert (ended.code, clean_up["level"], tries) == (0, "warning", 3)
    assert "job 13000001 could not be deleted: HTTP 502" in clean_up["what"]
    assert f"POST {sandbox.url}/jobs/13000001/delete" in clean_up["next"]


def test_a_delete_whose_reply_is_lost_is_seen_to_have_worked(cli: Cli, shell: Shell) -> None:
    with emulator(shell.folder, faults='[[fault]]\non = "delete"\ndo = "reset_after"\n') as sandbox:
        ended = probe(cli, sandbox)

        assert (levels(ended, *PROBE), states(sandbox)) == (["ok", "ok", "ok"], ["DELETED"])


def test_a_row_that_is_refused(cli: Cli, shell: Shell) -> None:
    shell.manifest(3, documentId={1: "42"})
    with emulator(shell.folder) as sandbox:
        ended = probe(cli, sandbox)

    assert (ended.code, levels(ended, "draft", "look-up")) == (2, ["failed", "skipped"])
    assert "row 1 of letters.csv is refused: HTTP 200, code 1: DocumentId not found" in checks(ended)["draft"]["what"]


def test_a_signature_of_the_manifest_is_not_used(cli: Cli, shell: Shell) -> None:
    shell.manifest(1, appSignature={1: "of-the-row"})
    with emulator(shell.folder) as sandbox:
        ended = probe(cli, sandbox, "--keep-app-signature")
        signatures = [job["appSignature"] for job in sandbox.jobs()]

    assert (ended.code, levels(ended, *PROBE)) == (0, ["ok", "warning", "ok"])
    assert [signature[:7] for signature in signatures] == ["doctor-"]


def test_where_we_are_not_let_in_no_draft_is_made(cli: Cli, shell: Shell) -> None:
    with emulator(shell.folder, "--require-auth", "user:another") as sandbox:
        ended = probe(cli, sandbox)

        assert (ended.code, levels(ended, "credentials", "draft")) == (7, ["failed", "skipped"])
        assert "create" not in sandbox.stats()["calls"]


# What is refused before anything is asked


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (("--live", "--probe", "letters.csv"), 2, "or add --live-probe"),
        (("--base-url", "https://REST.click2mail.com./molpro", "--probe", "letters.csv"), 2, "or add --live-probe"),
        (("--probe", "letters.csv"), 2, "where to?"),
        (("--row", "2"), 2, "flag --row: it belongs to --probe MANIFEST"),
        (("--live-probe",), 2, "flag --live-probe: it belongs to --probe MANIFEST"),
        (("--sandbox", "--probe", "letters.csv", "--row", "4"), 2, "letters.csv has 3 rows, and none of number 4"),
        (("--sandbox", "--probe", "letters.csv", "--row", "0"), 2, 'flag --row: "0" is no whole number above 0'),
        (("--sandbox", "--probe", "none.csv"), 4, "none.csv: there is no such file"),
    ],
)
def test_a_mistake_gets_one_line(cli: Cli, arguments: tuple[str, ...], code: int, line: str) -> None:
    ended = cli("doctor", *arguments)

    assert (ended.code, ended.out, ended.err.count("\n")) == (code, "", 1), ended.err
    assert line in ended.err


def test_a_row_that_is_wrong_is_reported_and_those_behind_it_are_not_read(cli: Cli, shell: Shell) -> None:
    shell.manifest(4, documentId={2: "12a", 4: "34b"})
    wrong = cli("doctor", "--sandbox", "--probe", "letters.csv", "--row", "2")
    right = cli("doctor", "--sandbox", "--probe", "letters.csv", "--json")

    assert (wrong.code, "12a" in wrong.err, "34b" in wrong.err) == (4, True, False)
    assert (right.code, levels(right, "clean-up")) == (0, ["ok"])


# Somebody asks to stop


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_asked_to_stop_it_takes_the_draft_away(shell: Shell, number: signal.Signals, code: int) -> None:
    with emulator(shell.folder, "--lookup-mode", "empty") as sandbox:
        flags = ("--base-url", sandbox.url, "--probe", "letters.csv", "--settle", "250", "--json")
        process = shell.start("doctor", *flags)
        assert process.stderr is not None
        told = [process.stderr.readline(), process.stderr.readline()]
        ended, out, err = send_signal(process, number)

        assert (ended, err, states(sandbox)) == (code, "", ["DELETED"])
    assert "it is job 13000001, and is looked up now" in told[1]
    found = {check["check"]: check["level"] for check in json.loads(out)["checks"]}
    assert [found[name] for name in PROBE] == ["ok", "skipped", "ok"]
