"""Names and places that follow from the settings."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from batcher.cli.session import allow_open_files, campaign_name, ledger_path, plan_of, stem_of
from batcher.core.errors import ConfigError
from batcher.dispatch.plan import FailureLimit
from batcher.settings import Settings


@pytest.mark.parametrize(
    ("manifest", "stem"),
    [
        ("folder/letters.csv", "letters"),
        ("letters.csv.gz", "letters"),
        ("letters.2026.jsonl", "letters.2026"),
        ("letters", "letters"),
        (".csv", ".csv"),
        ("-", "stdin"),
    ],
)
def test_a_stem_is_the_name_without_its_endings(manifest: str, stem: str) -> None:
    assert stem_of(manifest) == stem


def test_a_campaigns_name_may_contain_stem_and_date() -> None:
    settings = Settings(campaign="{stem}-{date}")

    assert campaign_name(settings, "a/letters.csv") == f"letters-{datetime.now(UTC):%Y-%m-%d}"


@pytest.mark.parametrize("name", ["a/b", "..", ".hidden", "x" * 101, "a\nb"])
def test_a_campaigns_name_becomes_a_file_name(name: str) -> None:
    with pytest.raises(ConfigError, match="--campaign"):
        campaign_name(Settings(campaign=name), "letters.csv")


def test_a_campaigns_name_has_no_other_blanks_to_fill_in() -> None:
    with pytest.raises(ConfigError, match=r"not \{day\}"):
        campaign_name(Settings(campaign="{stem}-{day}"), "letters.csv")


def test_more_open_files_than_the_system_allows_is_said_with_what_it_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 1024))
    raised: list[object] = []
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: raised.append(limits))

    allow_open_files(1000)
    with pytest.raises(ConfigError, match="this system allows 1024; lower it to 824"):
        allow_open_files(2200)

    assert raised == [(1000, 1024)]


@pytest.mark.parametrize(
    ("settings", "manifest", "path"),
    [
        (Settings(), "in/letters.csv", "in/batcher.db"),
        (Settings(), "-", "batcher.db"),
        (Settings(), None, "batcher.db"),
        (Settings(ledger=Path("other.db")), "in/letters.csv", "other.db"),
    ],
)
def test_the_ledger_lies_beside_the_manifest(settings: Settings, manifest: str | None, path: str) -> None:
    assert ledger_path(settings, manifest) == Path(path)


@pytest.mark.parametrize(
    ("given", "limit"), [("5", FailureLimit(number=5)), ("2.5%", FailureLimit(number=2.5, percent=True)), (None, None)]
)
def test_a_failure_limit_is_a_number_or_a_share(given: str | None, limit: FailureLimit | None) -> None:
    assert plan_of(Settings(max_failures=given)).max_failures == limit
