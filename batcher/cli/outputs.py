"""Results and failed rows as files beside the ledger, at a run's end."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from batcher.core.errors import ConfigError
from batcher.ledger.export import FORMATS, whole_text_file, write_failed, write_parquet, write_results
from batcher.ledger.records import Campaign
from batcher.ledger.sqlite import SqliteReader

_FAILED_STATES = ("rejected", "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """Where the results went, and the failed rows where there are any."""

    results: Path
    failed: Path | None


def results_path(ledger: Path, campaign: str, named: Path | None) -> Path:
    """
    Where results go, and by their ending in which format.

    Raises:
        ConfigError: they cannot go where they are told to; better said now than at a long run's end.
    """
    if named is None:
        return ledger.parent / f"{campaign}.results.csv"
    if format_of(named) not in FORMATS:
        raise ConfigError(f"--results {named}: end it with one of .{', .'.join(FORMATS)}")
    if format_of(named) == "parquet" and find_spec("pyarrow") is None:
        raise ConfigError(f"--results {named}: Parquet needs the extra parquet: pip install 'batcher[parquet]'")
    require_place("--results", named)
    return named


def require_apart(manifest: str, results: Path, campaign: str) -> None:
    """
    Raises:
        ConfigError: results or failed rows would be written over the manifest.
    """
    for written in (results, _failed_path(results, campaign)):
        if written.exists() and Path(manifest).exists() and written.samefile(manifest):
            raise ConfigError(
                f"{written} would be written over, and it is the manifest; name another place with --results, or"
                " another campaign (rows of a failed file go back with `batcher retry --with`)"
            )


def _failed_path(results: Path, campaign: str) -> Path:
    return results.with_name(f"{campaign}.failed.csv")


def require_place(flag: str, path: Path) -> None:
    """
    Raises:
        ConfigError: no file can be put there.
    """
    if path.is_dir():
        raise ConfigError(f"{flag} {path}: that is a folder; name a file in it")
    if not path.parent.is_dir():
        raise ConfigError(f"{flag} {path}: there is no folder {path.parent}; make it first")
    is_new_or_file = path.is_file() or not path.exists()
    if is_new_or_file and not os.access(path.parent, os.W_OK | os.X_OK):
        raise ConfigError(f"{flag} {path}: nothing may be written in {path.parent}; name another place")


def format_of(path: Path) -> str:
    """The format that a file's ending says, without its dot."""
    return path.suffix.lstrip(".").lower()


def write_outputs(ledger: Path, campaign: Campaign, results: Path) -> Outputs:
    """
    Writes the results, and the failed file where rows were rejected or have failed.

    A failed file of an earlier run is taken away once nothing in it holds any more.
    """
    reader = SqliteReader(ledger)
    try:
        write_all(results, campaign, reader, format_of(results))
        failed = _failed_path(results, campaign.name)
        with whole_text_file(failed) as out:
            count = write_failed(out, campaign, reader.results(campaign, _FAILED_STATES))
        if not count:
            failed.unlink()
    finally:
        reader.close()
    return Outputs(results=results, failed=failed if count else None)


def write_all(
    path: Path, campaign: Campaign, reader: SqliteReader, file_format: str, states: list[str] | None = None
) -> None:
    """All results, or those in the given states."""
    results = reader.results(campaign, states)
    if file_format == "parquet":
        write_parquet(path, campaign, results)
    else:
        with whole_text_file(path) as out:
            write_results(out, campaign, results, file_format)
