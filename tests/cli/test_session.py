"""Names and places that follow from the settings."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from batcher.cli.session import campaign_name, ledger_path, plan_of, stem_of
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
