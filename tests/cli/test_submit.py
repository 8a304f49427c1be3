"""``submit``, ``undo`` and ``run --submit``: money and deletions want a number, and every refusal is one line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from batcher.cli.payment import payment_of
from batcher.core.errors import ConfigError
from batcher.settings import Settings
from tests.acceptance.conftest import Sandbox, Shell, emulator
from tests.sandbox import caller

from .conftest import Ended

Cli = Callable[..., Ended]

CARD = {name: value for name, value in caller.CARD.items() if name != "billingType"} | {"billingCvv": "987"}
CREDIT = ("--billing-type", "User Credit")


@pytest.fixture
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with emulator(tmp_path_factory.mktemp("remote")) as remote:
        yield remote


@pytest.fixture
def campaign(shell: Shell, cli: Cli, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """``cli``, with a campaign of six created letters."""
    monkeypatch.setenv("BATCHER_BASE_URL", sandbox.url)
    shell.manifest(6)
    assert cli("run", "letters.csv").code == 0
    return cli


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shell, Sandbox]]:
    """A campaign of six created letters, for whoever changes nothing of it."""
    shell = Shell(tmp_path_factory.mktemp("untouched"))
    shell.manifest(6)
    with emulator(shell.folder) as remote:
        assert shell.here("run", "letters.csv", "--base-url", remote.url).returncode == 0
        yield shell, remote


@pytest.fixture
def refused(untouched: tuple[Shell, Sandbox], cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cli]:
    """``cli`` there; afterwards every job is still a draft."""
    shell, remote = untouched
    monkeypatch.chdir(shell.folder)
    monkeypatch.setenv("BATCHER_BASE_URL", remote.url)
    yield cli
    assert set(states(remote)) == {"EDITING"}


def states(sandbox: Sandbox) -> list[str]:
    return sorted(job["state"] for job in sandbox.jobs())


def test_without_a_number_the_bill_is_shown_and_nothing_is_done(refused: Cli) -> None:
    ended = refused("submit", "letters", *CREDIT)

    assert ended.code == 9
    assert "jobs          6\npieces        6\ncost          5.46\n" in ended.out
    assert ended.err.splitlines()[-1] == "error: nothing was done; --confirm 6 would submit 6 jobs for 5.46"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--confirm", "5", *CREDIT), 9, "error: nothing was done: 5 was confirmed, and there are 6"),
        (("--confirm", "0", *CREDIT), 9, "error: nothing was done: 0 was confirmed, and there are 6"),
        (("--confirm", "six", *CREDIT), 2, 'error: flag --confirm: "six" is no whole number'),
        (("--confirm", "6", "--max-cost", "5.45", *CREDIT), 9, "the campaign costs 5.46, more than --max-cost 5.45"),
        (
            ("--confirm", "6", "--max-cost-per-job", "0.90", *CREDIT),
            9,
            " alone costs 0.91, more than --max-cost-per-job 0.90",
        ),
        (("--confirm", "6", "--max-cost", "free", *CREDIT), 2, "is no amount; write dollars above 0"),
        (("--confirm", "6"), 2, "how is it paid? give --billing-type"),
        (("--confirm", "6", "--billing-type", "Cash"), 2, "billing-type"),
        (("--confirm", "6", "--billing-type", "Credit Card"), 2, "Credit Card needs billingName"),
        (("--confirm", "6", "--staging", *CREDIT), 4, "campaign 'letters' belongs to"),
    ],
)
def test_every_refusal_is_one_line_that_says_what_to_do(
    refused: Cli, arguments: tuple[str, ...], code: int, says: str
) -> None:
    ended = refused("submit", "letters", *arguments)

    errors = [line for line in ended.err.splitlines() if not line.startswith("{")]
    assert ended.code == code
    assert len(errors) == 1
    assert says in errors[0]


def test_another_user_name_is_another_account(refused: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATCHER_USERNAME", "somebody else")

    ended = refused("submit", "letters", "--confirm", "6", *CREDIT)

    assert ended.code == 4
    assert "belongs to another user name" in ended.err


def test_the_number_of_jobs_submits_them_and_the_results_say_so(campaign: Cli, sandbox: Sandbox, shell: Shell) -> None:
    ended = campaign("submit", "letters", "--confirm", "6", "--json", *CREDIT)

    assert ended.code == 0
    told = json.loads(ended.out)
    assert told["counts"] == {"submitted": 6}
    assert (told["bill"]["jobs"], told["bill"]["cost"]) == (6, "5.46")
    assert {(row["state"], row["cost"]) for row in shell.results()} == {("submitted", "0.91")}
    assert campaign("submit", "letters", *CREDIT).code == 0


def test_only_the_first_so_many(campaign: Cli) -> None:
    ended = campaign("submit", "letters", "--limit", "2", "--confirm", "2", *CREDIT)

    assert ended.code == 10
    assert "submitted     2\ncreated       4\n" in ended.out
    rest = campaign("submit", "letters", "--confirm", "4", *CREDIT)
    assert rest.code == 0
    assert "submitted before  2 jobs, 1.82" in rest.out


def test_the_limit_is_for_the_campaign_in_all(campaign: Cli) -> None:
    campaign("submit", "letters", "--limit", "2", "--confirm", "2", *CREDIT)

    ended = campaign("submit", "letters", "--confirm", "4", "--max-cost", "5", *CREDIT)

    assert ended.code == 9
    assert "the campaign costs 5.46, 1.82 of it spent already, more than --max-cost 5.00" in ended.err


def test_undo_shows_and_deletes(campaign: Cli, sandbox: Sandbox, shell: Shell) -> None:
    shown = campaign("undo", "letters")
    assert shown.code == 9
    assert "to delete  6 jobs" in shown.out
    assert shown.err.splitlines()[-1] == "error: nothing was done; --confirm 6 would delete 6 jobs"

    done = campaign("undo", "letters", "--confirm", "6")

    assert done.code == 0
    assert len(set(states(sandbox))) == 1
    assert {row["state"] for row in shell.results()} == {"deleted"}
    again = campaign("run", "letters.csv")
    assert (again.code, len(sandbox.jobs())) == (0, 6)
    assert "deleted   6" in again.out
    assert "`batcher retry letters --deleted`" in again.out
    assert campaign("retry", "letters", "--deleted").code == 0
    assert campaign("run", "letters.csv").code == 0
    assert {row["state"] for row in shell.results()} == {"created"}


def test_undo_leaves_what_was_submitted(campaign: Cli) -> None:
    campaign("submit", "letters", "--limit", "2", "--confirm", "2", *CREDIT)

    done = campaign("undo", "letters", "--confirm", "4")

    assert done.code == 0
    assert "submitted  2" in done.out
    assert "deleted    4" in done.out


@pytest.mark.parametrize("command", ["submit", "undo"])
def test_a_refusal_in_json_is_one_object(refused: Cli, command: str) -> None:
    ended = refused(command, "letters", "--json", *(CREDIT if command == "submit" else ()))

    told = json.loads(ended.out)
    assert (ended.code, told["exit_code"], told["done"], told["campaign"]) == (9, 9, False, "letters")


def test_a_run_at_night_wants_a_limit(cli: Cli, shell: Shell) -> None:
    shell.manifest(2)

    without_limit = cli("run", "letters.csv", "--sandbox", "--submit", *CREDIT)
    without_payment = cli("run", "letters.csv", "--sandbox", "--submit", "--max-cost", "5")

    assert (without_limit.code, without_payment.code) == (2, 2)
    assert "--submit needs --max-cost" in without_limit.err
    assert "how is it paid?" in without_payment.err
    assert not (shell.folder / "batcher.db").exists()


def test_a_run_at_night_submits_within_its_limit(
    cli: Cli, shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BATCHER_BASE_URL", sandbox.url)
    shell.manifest(6, documentId={4: "42"})
    night = ("run", "letters.csv", "--submit", "--json", *CREDIT)

    too_dear = cli(*night, "--max-cost", "4.5")
    affordable = cli(*night, "--max-cost", "6")
    again = cli(*night, "--max-cost", "6")

    assert (too_dear.code, json.loads(too_dear.out)["counts"]) == (9, {"created": 5, "rejected": 1})
    assert "error: nothing was submitted: the campaign costs 4.55, more than --max-cost 4.50" in too_dear.err
    assert (affordable.code, json.loads(affordable.out)["counts"]) == (3, {"submitted": 5, "rejected": 1})
    assert (again.code, json.loads(again.out)["counts"]) == (3, {"submitted": 5, "rejected": 1})


def test_a_card_is_sent_and_never_shown_or_kept(
    campaign: Cli, shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BATCHER_PAYMENT", json.dumps(CARD))

    ended = campaign(
        "submit", "letters", "--confirm", "6", "-v", "--log-level", "debug", "--billing-type", "Credit Card"
    )
    shown = campaign("config", "show")

    assert ended.code == 0
    kept = [path.read_bytes() for path in shell.folder.iterdir() if path.is_file()]
    everything = "\n".join([ended.out, ended.err, shown.out, shown.err, *map(str, kept)])
    assert CARD["billingNumber"] not in everything
    assert '"987"' not in everything
    assert "payment" in shown.out


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "no JSON object"),
        ("4111111111111111", "no JSON object"),
        ("billingNumber: 4111111111111111", "no JSON object"),
        ('{"billingNumber": 4111111111111111}', "billingNumber must be a text"),
        ('{"cardNumber": "4111111111111111"}', "cardNumber is no field of a submit"),
    ],
)
def test_a_payment_that_cannot_be_read_is_said_without_its_content(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "payment"
    path.write_text(text)

    for settings in (
        Settings(billing_type="Credit Card", payment=text),
        Settings(billing_type="Credit Card", payment_file=path),
    ):
        with pytest.raises(ConfigError, match=says) as refused:
            payment_of(settings)
        assert "4111111111111111" not in str(refused.value)


@pytest.mark.parametrize("write", [json.dumps, lambda card: "\n".join(f'{k} = "{v}"' for k, v in card.items())])
def test_a_payment_file_is_json_or_toml(write: Callable[[dict[str, str]], str], tmp_path: Path) -> None:
    path = tmp_path / "card"
    path.write_text(write(CARD))

    assert payment_of(Settings(billing_type="Credit Card", payment_file=path)) == {"billingType": "Credit Card"} | CARD


def test_invoice_needs_nothing_more() -> None:
    assert payment_of(Settings(billing_type="Invoice")) == {"billingType": "Invoice"}
