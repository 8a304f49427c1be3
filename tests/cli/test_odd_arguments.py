"""Arguments that no ledger can hold: bytes that are no UTF-8, numbers without end."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable

import pytest

from batcher.cli.streams import open_standard_streams
from tests.acceptance.conftest import Shell
from tests.cli.conftest import Ended

Cli = Callable[..., Ended]
ODD = "c\udcff"


@pytest.mark.usefixtures("ran")
@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("status", ODD), r"the ledger has no campaign 'c\udcff'; it has: letters"),
        (("results", ODD), r"the ledger has no campaign 'c\udcff'; it has: letters"),
        (("retry", ODD), r"the ledger has no campaign 'c\udcff'; it has: letters"),
        (
            ("resolve", "letters", "--key", ODD, "--not-made"),
            r"there is no such row in campaign 'letters': the row with key 'c\udcff'; `batcher results` lists them",
        ),
        (
            ("resolve", "letters", "--row", "9" * 30, "--not-made"),
            f'flag --row: "{"9" * 30}" is no whole number above 0',
        ),
        (
            ("resolve", "letters", "--row", "1", "--job-id", "9" * 19),
            f'flag --job-id: "{"9" * 19}" is no whole number above 0',
        ),
    ],
)
def test_what_is_not_there_is_said(cli: Cli, arguments: tuple[str, ...], line: str) -> None:
    ended = cli(*arguments)

    assert (ended.code, ended.err) == (2, f"error: {line}\n")


def test_a_manifest_whose_name_is_no_utf_8_needs_a_campaign(cli: Cli, shell: Shell) -> None:
    shell.manifest(1, f"{ODD}.csv")

    refused = cli("run", f"{ODD}.csv", "--sandbox", "-q")
    taken = cli("run", f"{ODD}.csv", "--sandbox", "-q", "--campaign", "c")

    assert refused.code == 2
    assert refused.err.startswith(r"error: --campaign 'c\udcff': a name has 1 to 100 characters in UTF-8")
    assert taken.code == 0


def test_what_standard_output_cannot_show_is_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger's name that is no UTF-8, or a sign that an old terminal lacks."""
    shown = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(shown, encoding="latin-1"))

    open_standard_streams()
    sys.stdout.write(f"{ODD} → ü\n")
    sys.stdout.flush()

    assert shown.getvalue() == b"c\\udcff \\u2192 \xfc\n"
