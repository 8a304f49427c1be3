"""What the commands answer, most of all when something is wrong: one line, and the documented code."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

import pytest

from batcher.cli import main
from batcher.sandbox import SandboxSettings
from tests.acceptance.conftest import Sandbox, Shell, emulator
from tests.cli.conftest import Ended

Cli = Callable[..., Ended]
QUICK = ("--timeout", "20", "--settle", "0.5", "--backoff", "0.05", "--max-backoff", "0.2", "-q")


@pytest.fixture
def sandbox(shell: Shell) -> Iterator[Sandbox]:
    with emulator(shell.folder) as running:
        yield running


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (("frobnicate",), 2, 'there is no command "frobnicate"; `batcher --help` lists what there is'),
        (("resolv",), 2, 'there is no command "resolv"; did you mean resolve? `batcher --help` lists'),
        (("run",), 2, "MANIFEST is missing; `batcher run --help` lists what there is"),
        (("run", "letters.csv", "more.csv"), 2, '"more.csv" is too much; `batcher run --help` lists'),
        (("run", "letters.csv", "--no-such-flag"), 2, "there is no flag --no-such-flag; `batcher run --help`"),
        (("run", "letters.csv", "--stagin"), 2, "there is no flag --stagin; did you mean --staging? `batcher run"),
        (("run", "letters.csv", "--rate"), 2, "flag --rate: its value is missing; `batcher run --help`"),
        (("run", "letters.csv", "--sandbox=yes"), 2, "flag --sandbox: it takes no value; `batcher run --help`"),
        (("config", "shaw"), 2, 'there is no command "shaw"; did you mean show? `batcher config --help`'),
        (("resolve", "c", "--row", "x", "--not-made"), 2, 'flag --row: "x" is no whole number above 0'),
        (("resolve", "c", "--row", "9" * 20, "--not-made"), 2, "is no whole number above 0"),
        (("resolve", "c", "--row", "1", "--job-id", "abc"), 2, 'flag --job-id: "abc" is no whole number above 0'),
        (("resolve", "c", "--row", "1", "--job-id", "0"), 2, 'flag --job-id: "0" is no whole number above 0'),
        (("sandbox", "--port", "x"), 2, 'flag --port: "x" is no whole number'),
        (("sandbox", "--speed", "1e3"), 2, 'flag --speed: "1e3" is no number'),
        (("sandbox", "--credit", "-0.5"), 2, "credit must be a number from 0"),
        (("run", "letters.csv"), 2, "where to?"),
        (("run", "letters.csv", "--sandbox", "--live"), 2, "several targets are set"),
        (("run", "letters.csv", "--sandbox", "--rate", "0"), 2, "is no rate"),
        (("run", "letters.csv", "--sandbox", "--results", "r.txt"), 2, "--results r.txt"),
        (("run", "letters.csv", "--sandbox", "--ledger", "none/b.db"), 12, "none/b.db"),
        (("run", "nothing.csv", "--sandbox"), 4, "nothing.csv: there is no such file"),
        (("validate", "nothing.csv"), 4, "nothing.csv: there is no such file"),
        (("status",), 2, "there is no ledger at batcher.db"),
        (("resolve", "c", "--row", "1"), 2, "--job-id ID"),
        (("resolve", "c", "--job-id", "5"), 2, "--row N or --key K"),
        (("results", "c", "--format", "xml"), 2, "csv, json, jsonl, parquet"),
        (("results", "c", "--state", "done"), 2, "the states are"),
        (("results", "c", "-o", "."), 2, "--output .: that is a folder; name a file in it"),
        (("results", "c", "-o", "none/r.csv"), 2, "there is no folder none; make it first"),
        (("validate", "none/letters.csv"), 4, "none/letters.csv: there is no such file"),
        (("run", "letters.csv", "--sandbox", "--campaign", "{stem}-{day}"), 2, "only {stem} and {date}"),
        (("run", "letters.csv", "--sandbox", "--concurrency", "many"), 2, "is no whole number"),
        (("sandbox", "--port", "99999"), 2, "port must be 0 to 65535"),
        (("sandbox", "--demo-faults", "--faults", "f.toml"), 2, "give one of them"),
        (("sandbox", "--faults", "none.toml"), 2, "none.toml"),
    ],
)
def test_a_mistake_gets_one_line(cli: Cli, shell: Shell, arguments: tuple[str, ...], code: int, line: str) -> None:
    shell.manifest(2)

    ended = cli(*arguments)

    errors = [said for said in ended.err.splitlines() if "ledger.misplaced" not in said]
    assert (ended.code, len(errors)) == (code, 1), ended.err
    assert errors[0].startswith("error: ")
    assert line in errors[0]


def test_the_sandbox_is_started_as_asked(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each flag is a setting of the emulator; without one its own default holds."""
    started = []
    monkeypatch.setattr("batcher.sandbox.run", lambda settings: started.append(settings) or 0)
    flags = ("--port", "0", "--strict", "--list-delay", "2.5", "--credit", "12.34", "--speed", "60", "--seed", "7")

    codes = [cli("sandbox", *flags).code, cli("sandbox").code]

    asked = SandboxSettings(latency="0", strict=True, list_delay=2.5, credit=12.34, speed=60.0, seed=7)
    assert (codes, started) == ([0, 0], [asked, SandboxSettings(port=8000, latency="0")])


def test_without_credentials_a_real_target_is_refused(cli: Cli, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.manifest(2)
    monkeypatch.delenv("BATCHER_PASSWORD")

    ended = cli("run", "letters.csv", "--staging")

    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert "BATCHER_USERNAME" in ended.err
    assert not (shell.folder / "batcher.db").exists()


def test_an_invalid_manifest_is_reported_whole_and_nothing_is_sent(cli: Cli, shell: Shell, sandbox: Sandbox) -> None:
    shell.manifest(5, documentId={2: "12a", 4: ""}, mailingDate={5: "20260231"})

    ended = cli("run", "letters.csv", "--base-url", sandbox.url, *QUICK)

    assert ended.code == 4
    assert [place in ended.err for place in ("line 3", "line 5", "line 6", "3 problems")] == [True] * 4
    assert sandbox.stats()["jobs_created"] == 0


def test_the_same_row_twice_is_an_error_unless_allowed(cli: Cli, shell: Shell, sandbox: Sandbox) -> None:
    shell.manifest(3, documentId={3: "1001"})

    refused = cli("validate", "letters.csv")
    allowed = cli("run", "letters.csv", "--base-url", sandbox.url, "--duplicates", "allow", *QUICK)

    assert (refused.code, allowed.code) == (4, 0)
    assert "line 4: the same row as in line 2" in refused.err
    assert sandbox.stats()["jobs_created"] == 3


def test_a_dry_run_sends_and_writes_nothing(cli: Cli, shell: Shell, sandbox: Sandbox) -> None:
    shell.manifest(4)

    fresh = cli("run", "letters.csv", "--base-url", sandbox.url, "--dry-run", "--json")
    cli("run", "letters.csv", "--base-url", sandbox.url, "--limit", "1", *QUICK)
    later = cli("run", "letters.csv", "--base-url", sandbox.url, "--dry-run", "--json")

    assert (json.loads(fresh.out)["would_create"], json.loads(later.out)["would_create"]) == (4, 3)
    assert sandbox.stats()["calls"].get("create", 0) == 1


def test_another_manifest_under_the_same_name_is_refused_until_amended(
    cli: Cli, shell: Shell, sandbox: Sandbox
) -> None:
    shell.manifest(3)
    cli("run", "letters.csv", "--base-url", sandbox.url, *QUICK)
    shell.manifest(5)

    refused = cli("run", "letters.csv", "--base-url", sandbox.url, *QUICK)
    amended = cli("run", "letters.csv", "--base-url", sandbox.url, "--amend", *QUICK)

    assert (refused.code, amended.code) == (4, 0)
    assert "2 are new, 0 changed, 0 gone" in refused.err
    assert sandbox.stats()["jobs_created"] == 5


def test_rows_of_another_campaign_are_not_made_again_unless_meant(cli: Cli, shell: Shell, sandbox: Sandbox) -> None:
    shell.manifest(3)
    cli("run", "letters.csv", "--base-url", sandbox.url, *QUICK)

    refused = cli("run", "letters.csv", "--base-url", sandbox.url, "--campaign", "second", *QUICK)
    meant = cli("run", "letters.csv", "--base-url", sandbox.url, "--campaign", "second", "--again", *QUICK)

    assert (refused.code, meant.code) == (4, 0)
    assert "already sent in another campaign" in refused.err
    assert sandbox.stats()["jobs_created"] == 6


def test_results_come_in_every_text_format(cli: Cli, shell: Shell, sandbox: Sandbox) -> None:
    shell.manifest(3, documentId={2: "42"})
    cli("run", "letters.csv", "--base-url", sandbox.url, *QUICK)

    as_json = cli("results", "letters", "--format", "json")
    as_lines = cli("results", "letters", "--format", "jsonl", "--state", "rejected")
    as_csv = cli("results", "letters", "-o", "out.csv")

    assert [row["state"] for row in json.loads(as_json.out)] == ["created", "rejected", "created"]
    assert [json.loads(line)["row_number"] for line in as_lines.out.splitlines()] == [2]
    assert (as_csv.code, as_csv.out) == (0, "")
    assert Path("out.csv").read_text() == Path("letters.results.csv").read_text()


def test_a_campaign_whose_rows_were_made_again_carries_on(cli: Cli, shell: Shell, sandbox: Sandbox) -> None:
    shell.manifest(3)
    run = ("run", "letters.csv", "--base-url", sandbox.url, *QUICK)
    cli(*run, "--limit", "2")
    cli(*run, "--limit", "2", "--campaign", "second", "--again")
    carried_on = cli(*run)

    assert (carried_on.code, sandbox.stats()["jobs_created"]) == (0, 5), carried_on.err


@pytest.mark.parametrize("flags", [(), ("--amend",), ("--amend", "--keep-gone")], ids=" ".join)
def test_another_key_does_not_make_jobs_once_more(
    cli: Cli, shell: Shell, sandbox: Sandbox, flags: tuple[str, ...]
) -> None:
    """Under other keys every row is new, and those that are jobs already are gone: no flag may mean that."""
    shell.manifest(3)
    run = ("run", "letters.csv", "--base-url", sandbox.url, *QUICK)
    cli(*run, "--limit", "1")
    refused = cli(*run, "--key", "documentId", *flags)

    assert (refused.code, sandbox.stats()["jobs_created"]) == (4, 1)
    assert "named by a hash of what they send (no --key), not by the column 'documentId' (--key)" in refused.err


def test_another_key_is_taken_while_there_are_no_jobs(cli: Cli, shell: Shell, sandbox: Sandbox) -> None:
    shell.manifest(3)
    run = ("run", "letters.csv", *QUICK, "--key", "documentId")
    cli("run", "letters.csv", "--base-url", "http://127.0.0.1:1/molpro", "--max-outage", "0.1", *QUICK)
    ended = cli(*run, "--amend", "--base-url", sandbox.url)
    again = cli(*run, "--base-url", sandbox.url)

    assert (ended.code, again.code, sandbox.stats()["jobs_created"]) == (0, 0, 3), ended.err + again.err


def test_rows_of_an_amendment_with_signatures_of_their_own_are_held(cli: Cli, shell: Shell) -> None:
    """Their jobs are not found by our signatures: "absent" says nothing, and must not send them once more."""
    shell.manifest(3)
    faults = '[[fault]]\non = "create"\nmatch = { appSignature = "mine" }\ndo = "reset_after"\n'
    with emulator(shell.folder, faults=faults) as sandbox:
        run = ("run", "letters.csv", "--base-url", sandbox.url, *QUICK)
        first = cli(*run)
        shell.manifest(4, appSignature={4: "mine"})
        amended = cli(*run, "--amend", "--keep-app-signature")
        jobs = sandbox.stats()["jobs_created"]

    assert (first.code, amended.code, jobs) == (0, 6, 4), amended.err
    assert [row["state"] for row in shell.results()] == ["created"] * 3 + ["held"]


def test_a_failed_file_has_the_columns_of_the_amended_manifest(cli: Cli, shell: Shell, sandbox: Sandbox) -> None:
    shell.manifest(2)
    run = ("run", "letters.csv", "--base-url", sandbox.url, *QUICK)
    cli(*run)
    shell.manifest(3, documentId={3: "42"}, branch={3: "north"})
    amended = cli(*run, "--keep", "branch", "--amend")
    failed = shell.folder / "letters.failed.csv"
    failed.write_text(failed.read_text().replace(",42,", ",1042,"))
    codes = [cli("retry", "letters", "--with", failed.name).code, cli(*run, "--keep", "branch").code]

    assert (amended.code, codes) == (3, [0, 0]), amended.err
    assert [row["branch"] for row in shell.results()] == ["", "", "north"]


@pytest.mark.parametrize(
    ("manifest", "flags"),
    [
        ("letters.csv", ("--results", "letters.csv")),
        ("letters.csv", ("--results", "./letters.csv")),
        ("c.results.csv", ("--campaign", "c")),
        ("c.failed.csv", ("--campaign", "c")),
    ],
)
def test_a_manifest_is_not_written_over(cli: Cli, shell: Shell, manifest: str, flags: tuple[str, ...]) -> None:
    text = shell.manifest(2, manifest).read_text()
    ended = cli("run", manifest, "--sandbox", *flags)

    assert (ended.code, "would be written over, and it is the manifest" in ended.err) == (2, True), ended.err
    assert (shell.folder / manifest).read_text() == text
    assert not (shell.folder / "batcher.db").exists()


def test_reconcile_says_that_it_creates_nothing(cli: Cli, shell: Shell, sandbox: Sandbox) -> None:
    shell.manifest(5)
    limited = cli("run", "letters.csv", "--base-url", sandbox.url, "--limit", "2", "--log-format", "json")
    settled = cli("reconcile", "letters", "--base-url", sandbox.url, "--log-format", "json")

    started = [
        json.loads(line) for said in (limited, settled) for line in said.err.splitlines() if "run.started" in line
    ]
    assert [line["to_send"] for line in started] == [2, 0]


def test_status_shows_all_campaigns_or_one(cli: Cli, shell: Shell, sandbox: Sandbox) -> None:
    shell.manifest(3)
    cli("run", "letters.csv", "--base-url", sandbox.url, *QUICK)

    everything = cli("status")
    one = cli("status", "letters", "--json")

    assert everything.out.startswith("letters  3 rows  3 created  exit 0, ")
    assert json.loads(one.out)["counts"] == {"created": 3}


def test_a_person_resolves_what_is_held(cli: Cli, shell: Shell) -> None:
    shell.manifest(2)
    faults = '[[fault]]\non = "create"\ndo = "reset_after"\ntimes = 2\n'
    with emulator(shell.folder, "--lookup-mode", "missing", faults=faults) as sandbox:
        first = cli("run", "letters.csv", "--base-url", sandbox.url, *QUICK)
        found = cli("resolve", "letters", "--row", "1", "--job-id", "13000001")
        again = cli("resolve", "letters", "--row", "1", "--job-id", "13000001")
        taken = cli("resolve", "letters", "--row", "2", "--job-id", "13000001")
        gone = cli("resolve", "letters", "--row", "2", "--not-made")
        last = cli("run", "letters.csv", "--base-url", sandbox.url, *QUICK)

    assert (first.code, found.code, taken.code, gone.code, last.code) == (6, 0, 2, 0, 0)
    assert "): held → created" in found.out
    assert "row 1 is created, neither in doubt nor held" in again.err
    assert "belongs to another row" in taken.err
    assert [row["state"] for row in shell.results()] == ["created", "created"]


def test_a_person_resolves_what_is_in_doubt(cli: Cli, shell: Shell) -> None:
    shell.manifest(1)
    faults = '[[fault]]\non = "create"\ndo = "reset_after"\n'
    with emulator(shell.folder, "--lookup-mode", "missing", faults=faults) as sandbox:
        cli("run", "letters.csv", "--base-url", sandbox.url, "--no-wait", *QUICK)
        found = cli("resolve", "letters", "--row", "1", "--job-id", "13000001")

    assert (found.code, "): in doubt → created" in found.out) == (0, True), found.err


def test_reconcile_settles_without_sending(cli: Cli, shell: Shell) -> None:
    """What was held because the look-up did not work is found once it does; no job is made."""
    shell.manifest(20)
    faults = '[[fault]]\non = "create"\ndo = "reset_after"\ncall = 3\n'
    kept = ("--state", str(shell.folder / "state.jsonl"))
    with emulator(shell.folder, *kept, "--lookup-mode", "missing", faults=faults) as sandbox:
        first = cli("run", "letters.csv", "--base-url", sandbox.url, *QUICK)
    with emulator(shell.folder, *kept, "--port", str(urlsplit(sandbox.url).port)) as again:
        second = cli("reconcile", "letters", "--base-url", again.url, "--timeout", "20", "--settle", "0.5", "-q")
        calls, jobs = again.stats()["calls"], again.jobs()

    assert (first.code, second.code) == (6, 0), second.err
    assert ("create" in calls, len(jobs)) == (False, 20)
    assert {row["state"] for row in shell.results()} == {"created"}


def test_a_manifest_comes_from_standard_input(shell: Shell) -> None:
    text = shell.manifest(3).read_text()

    nameless = shell.batcher("run", "-", "--sandbox", "--format", "csv", stdin=text)
    named = shell.batcher("run", "-", "--sandbox", "--format", "csv", "--campaign", "piped", "-q", stdin=text)

    assert (nameless.returncode, named.returncode) == (2, 0), named.stderr
    assert "--campaign NAME" in nameless.stderr
    assert len(shell.results("piped.results.csv")) == 3


def test_config_show_says_where_values_come_from_and_masks_secrets(cli: Cli, shell: Shell) -> None:
    (shell.folder / "batcher.toml").write_text("concurrency = 4\n")

    shown = cli("config", "show", "--rate", "5/s", "--json")

    values = json.loads(shown.out)
    assert values["concurrency"]["value"] == "4"
    assert values["rate"]["origin"] == "flag --rate"
    assert "canary-secret" not in shown.out


def test_rows_that_are_gone_and_kept_are_asked_about_once(cli: Cli, shell: Shell, sandbox: Sandbox) -> None:
    shell.manifest(4)
    run = ("run", "letters.csv", "--base-url", sandbox.url, *QUICK)
    cli(*run)
    shell.manifest(3)

    codes = [cli(*run, *flags).code for flags in ((), ("--amend",), ("--amend", "--keep-gone"), ())]

    assert codes == [4, 4, 0, 0]
    assert len(shell.results()) == 4


def test_a_rejected_row_that_was_put_back_can_be_corrected(cli: Cli, shell: Shell, sandbox: Sandbox) -> None:
    shell.manifest(3, documentId={2: "42"})
    run = ("run", "letters.csv", "--base-url", sandbox.url, *QUICK)
    cli(*run)
    failed = shell.folder / "letters.failed.csv"
    failed.write_text(failed.read_text().replace(",42,", ",1042,"))
    codes = [cli(*command).code for command in (("retry", "letters"), ("retry", "letters", "--with", failed.name), run)]

    assert codes == [0, 0, 0]
    assert [row["state"] for row in shell.results()] == ["created"] * 3


class _Interrupted(ModuleType):
    """Ctrl-C comes while this is imported."""

    def __getattr__(self, name: str) -> object:
        raise KeyboardInterrupt


def test_ctrl_c_while_the_command_starts_ends_it_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "batcher.cli.app", _Interrupted("app"))

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 130


def test_a_sandbox_without_a_temporary_file_does_not_start(
    cli: Cli, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("batcher.cli.emulator.TemporaryFile", no_space)
    shell.manifest(2)
    ended = cli("run", "letters.csv", "--sandbox", "-q")

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.splitlines()[-1].startswith(
        "error: the sandbox did not start: no temporary file can be made: No sp"
    )
