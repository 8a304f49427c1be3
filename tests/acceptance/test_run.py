"""``batcher run`` as a user sees it: exit codes, files, and rows that end as they should."""

from __future__ import annotations

import json
import signal

import pytest

from tests.acceptance.conftest import Shell, emulator, send_signal, wait_until

QUICK = ("--timeout", "5", "--settle", "1", "--backoff", "0.05", "--max-backoff", "0.2", "--log-format", "json")


def test_a_campaign_runs_on_the_sandbox_and_a_second_run_sends_nothing(shell: Shell) -> None:
    shell.manifest(30)

    first = shell.batcher("run", "letters.csv", "--sandbox", "--json")
    again = shell.batcher("run", "letters.csv", "--sandbox", "--json")

    assert (first.returncode, again.returncode) == (0, 0), first.stderr
    assert json.loads(first.stdout)["counts"] == {"created": 30}
    results = shell.results()
    assert [row["row_number"] for row in results] == [str(number) for number in range(1, 31)]
    assert len({row["job_id"] for row in results}) == 30
    assert sum(1 for line in (shell.folder / "batcher.sandbox.jsonl").read_text().splitlines() if "letters" not in line)


def test_every_row_ends_as_its_replies_say(shell: Shell) -> None:
    """Rejections, 500s that pass, 500s that do not, the date 500, lost replies and timeouts, row by row."""
    shell.manifest(40, documentId={5: "42"}, addressId={6: "7"}, mailingDate={7: "20200101"})
    faults = """
    [[fault]]
    on = "create"
    do = "error_500"
    match = {documentId = "1010"}
    times = 2
    [[fault]]
    on = "create"
    do = "error_500"
    match = {documentId = "1011"}
    [[fault]]
    on = "create"
    do = "error_500_after"
    match = {documentId = "1012"}
    times = 1
    [[fault]]
    on = "create"
    do = "reset_after"
    match = {documentId = "1013"}
    times = 1
    [[fault]]
    on = "create"
    do = "reset"
    match = {documentId = "1014"}
    times = 1
    [[fault]]
    on = "create"
    do = "stall_after"
    match = {documentId = "1015"}
    times = 1
    [[fault]]
    on = "create"
    do = "stall"
    match = {documentId = "1016"}
    times = 1
    [[fault]]
    on = "create"
    do = "page_524_after"
    match = {documentId = "1017"}
    times = 1
    [[fault]]
    on = "create"
    do = "limit_429"
    retry_after = "1"
    match = {documentId = "1018"}
    times = 1
    [[fault]]
    on = "create"
    do = "cut"
    match = {documentId = "1019"}
    times = 1
    [[fault]]
    on = "create"
    do = "garbage"
    match = {documentId = "1020"}
    times = 1
    [[fault]]
    on = "create"
    do = "verdict"
    http = 500
    code = 9
    description = "Could not parse date. Please add mailingDate parameter in form 'yyyymmdd'."
    match = {documentId = "1021"}
    """
    with emulator(shell.folder, faults=faults) as sandbox:
        ended = shell.batcher(
            "run", "letters.csv", "--base-url", sandbox.url, "--max-attempts", "3", "--no-preflight", *QUICK
        )
        stats, jobs = sandbox.stats(), {job["documentId"]: str(job["id"]) for job in sandbox.jobs()}

    assert ended.returncode == 3, ended.stderr
    assert stats["repeated_signatures"] == 0
    results = {int(row["row_number"]): row for row in shell.results()}
    assert {number: row["state"] for number, row in results.items() if row["state"] != "created"} == {
        5: "rejected",
        6: "rejected",
        7: "rejected",
        11: "failed",
        21: "rejected",
    }
    created = {number: row["job_id"] for number, row in results.items() if row["state"] == "created"}
    assert created == {number: jobs[str(1000 + number)] for number in created}
    assert len(jobs) == len(created)
    said = {
        n: (results[n]["http_status"], results[n]["return_code"], results[n]["attempts"]) for n in (5, 6, 7, 11, 21)
    }
    assert said == {
        5: ("200", "1", "1"),
        6: ("200", "3", "1"),
        7: ("400", "9", "1"),
        11: ("500", "9", "3"),
        21: ("500", "9", "1"),
    }
    attempts = {n: results[n]["attempts"] for n in range(10, 21) if n != 11}
    assert attempts == {
        10: "3",
        12: "1",
        13: "1",
        14: "2",
        15: "1",
        16: "2",
        17: "1",
        18: "2",
        19: "1",
        20: "1",
    }
    failed = (shell.folder / "letters.failed.csv").read_text()
    assert len(failed.splitlines()) == 6
    assert "canary-secret" not in ended.stdout + ended.stderr + failed


def test_a_failed_file_that_was_mended_is_taken_in(shell: Shell) -> None:
    shell.manifest(6, documentId={2: "42"})
    with emulator(shell.folder) as sandbox:
        first = shell.here("run", "letters.csv", "--base-url", sandbox.url, *QUICK)
        failed = shell.folder / "letters.failed.csv"
        failed.write_text(failed.read_text().replace(",42,", ",4242,"))
        retried = shell.here("retry", "letters", "--with", "letters.failed.csv")
        last = shell.here("run", "letters.csv", "--base-url", sandbox.url, *QUICK)
        documents = sorted(job["documentId"] for job in sandbox.jobs())

    assert (first.returncode, retried.returncode, last.returncode) == (3, 0, 0), retried.stderr + last.stderr
    assert documents == ["1001", "1003", "1004", "1005", "1006", "4242"]
    assert not failed.exists()


@pytest.mark.parametrize(("flag", "most"), [("--preflight", 0), ("--no-preflight", 8)])
def test_wrong_credentials_stop_at_once(shell: Shell, flag: str, most: int) -> None:
    """The preflight notices them before a row is sent; without it no more are tried than are in flight at once."""
    shell.manifest(200)
    with emulator(shell.folder, "--require-auth", "somebody:else") as sandbox:
        ended = shell.here("run", "letters.csv", "--base-url", sandbox.url, "--concurrency", "8", flag, *QUICK)
        calls = sandbox.stats()["calls"].get("create", 0)

    assert ended.returncode == 7
    assert calls <= most
    assert {row["state"] for row in shell.results()} == {"pending"}
    assert "check the user name, the password" in ended.stdout


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_drains_and_the_next_run_finishes(shell: Shell, number: signal.Signals, code: int) -> None:
    shell.manifest(300)
    with emulator(shell.folder, "--latency", "0.2") as sandbox:
        process = shell.start("run", "letters.csv", "--base-url", sandbox.url, "--concurrency", "8", *QUICK)
        wait_until(lambda: sandbox.stats()["jobs_created"] > 10)
        ended, _, err = send_signal(process, number)
        after_drain = shell.results()
        made = sandbox.stats()["jobs_created"]
        last = shell.here("run", "letters.csv", "--base-url", sandbox.url, "--concurrency", "64", *QUICK)
        stats = sandbox.stats()

    assert ended == code, err
    assert {row["state"] for row in after_drain} == {"created", "pending"}
    assert sum(row["state"] == "created" for row in after_drain) == made
    assert (last.returncode, stats["jobs_created"], stats["repeated_signatures"]) == (0, 300, 0), last.stderr


def test_a_second_run_on_the_same_ledger_says_who_holds_it(shell: Shell) -> None:
    shell.manifest(300)
    with emulator(shell.folder, "--latency", "0.3") as sandbox:
        process = shell.start("run", "letters.csv", "--base-url", sandbox.url, "--concurrency", "2", *QUICK)
        wait_until(lambda: sandbox.stats()["jobs_created"] > 1)
        second = shell.here("run", "letters.csv", "--base-url", sandbox.url, *QUICK)
        status = shell.here("status", "letters", "--json")
        send_signal(process, signal.SIGTERM)

    assert second.returncode == 11
    assert f"process {process.pid}" in second.stderr
    assert status.returncode == 0
    assert json.loads(status.stdout)["rows"] == 300


def test_a_ledger_that_is_deleted_ends_the_run_that_uses_it(shell: Shell) -> None:
    shell.manifest(2000)
    with emulator(shell.folder) as sandbox:
        process = shell.start("run", "letters.csv", "--base-url", sandbox.url, "--rate", "50/s", *QUICK)
        wait_until(lambda: sandbox.stats()["jobs_created"] > 10)
        (shell.folder / "batcher.db").unlink()
        out, err = process.communicate(timeout=120)
        made = sandbox.stats()["jobs_created"]

    assert (process.returncode, out) == (12, "")
    assert err.splitlines()[-1].startswith("error: the ledger batcher.db was taken away or replaced while")
    assert made < 1000
    assert not (shell.folder / "letters.results.csv").exists()
