"""
Results and failed rows as files for people and programs.

Files appear whole or not at all: they are written aside and renamed. A spreadsheet takes a cell that begins with
``= + - @`` for a formula, so such cells are made harmless in the results' CSV; the failed file is meant to be read by
batcher again and stays byte for byte.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TextIO

from batcher.core.errors import ConfigError, LedgerError
from batcher.core.money import plain_money

from .records import Campaign, Result

RESULT_COLUMNS: Final = (
    "row_number",
    "key",
    "state",
    "job_id",
    "http_status",
    "return_code",
    "description",
    "attempts",
    "first_sent_at",
    "completed_at",
    "duration_ms",
    "error_type",
    "error",
    "cost",
    "remote_state",
)
_FIRST_MADE_UP: Final = RESULT_COLUMNS.index("error_type")
FAILED_COLUMNS: Final = ("batcher_key", "batcher_reason")
FORMATS: Final = ("csv", "json", "jsonl", "parquet")
_ROW_GROUP: Final = 10_000
"""Rows in one piece of a Parquet file; so many are in memory at once."""

_RESULTS_ADVICE: Final = "the ledger has it all, `batcher results` writes it again"
_FORMULA_STARTS: Final = frozenset("=+-@\t\r")
_encode: Final = json.JSONEncoder(ensure_ascii=False).encode


def columns_of(campaign: Campaign) -> tuple[str, ...]:
    """The columns of the campaign's results; a kept column that has a result's name is shown as ``kept_NAME``."""
    return (*RESULT_COLUMNS, *(_kept_name(column) for column in campaign.kept_columns))


def record_of(result: Result) -> dict[str, Any]:
    """One line of the results, by column."""
    record = dict(zip(RESULT_COLUMNS, _cells_of(result), strict=True))
    return record | {_kept_name(column): value for column, value in result.kept.items()}


def _cells_of(result: Result) -> Sequence[Any]:
    """Its cells under ``RESULT_COLUMNS``; the fields of a result stand in their order."""
    error_type, error = result.error_type, result.error
    if result.extra_job_ids:
        listed = ", ".join(map(str, result.extra_job_ids))
        error_type, error = "duplicate_jobs", f"the remote holds more jobs under this row's signature: {listed}"
    elif result.possible_duplicate and error is None:
        error_type = "possible_duplicate"
        error = "it was sent again while in doubt, and no look-up could tell whether the first job was made"
    cost = None if result.cost_micros is None else plain_money(result.cost_micros)
    return *result[:_FIRST_MADE_UP], error_type, error, cost, result.remote_state


def write_results(out: TextIO, campaign: Campaign, results: Iterable[Result], file_format: str) -> None:
    """Writes text results: ``csv``, ``json`` (one array) or ``jsonl``."""
    records = map(record_of, results)
    if file_format == "csv":
        write_row = _row_writer(out)
        write_row(columns_of(campaign))
        for result in results:
            cells = [*_cells_of(result), *(result.kept.get(column, "") for column in campaign.kept_columns)]
            write_row([f"'{cell}" if isinstance(cell, str) and cell[:1] in _FORMULA_STARTS else cell for cell in cells])
    elif file_format == "jsonl":
        out.writelines(f"{_encode(record)}\n" for record in records)
    else:
        out.write("[")
        out.writelines(f"{',' if count else ''}\n{_encode(record)}" for count, record in enumerate(records))
        out.write("\n]\n")


def write_parquet(path: Path, campaign: Campaign, results: Iterable[Result]) -> None:
    """
    Writes results as a Parquet file, a row group at a time.

    Raises:
        ConfigError: the ``parquet`` extra is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise ConfigError("parquet needs the extra: pip install 'batcher[parquet]'") from error
    numbers = {"row_number", "job_id", "http_status", "return_code", "attempts", "duration_ms"}
    schema = pa.schema([(name, pa.int64() if name in numbers else pa.string()) for name in columns_of(campaign)])
    with whole_file(path) as aside, pq.ParquetWriter(aside, schema) as writer:
        for group in _groups(map(record_of, results), _ROW_GROUP):
            writer.write_table(pa.Table.from_pylist(group, schema=schema))


def write_failed(out: TextIO, campaign: Campaign, results: Iterable[Result]) -> int:
    """
    Writes rejected and failed rows with the manifest's own columns, for ``batcher retry --with``.

    Rows that have a job are left out: whatever a later stage made of them, they cannot be corrected.

    Returns:
        How many rows there are.
    """
    field_of: Mapping[str, str] = campaign.reading.get("field_of", {})
    write_row = _row_writer(out)
    write_row([*campaign.columns, *FAILED_COLUMNS])
    count = 0
    for result in (result for result in results if result.job_id is None):
        cells = [
            result.parameters.get(field_of[column], "") if column in field_of else result.kept.get(column, "")
            for column in campaign.columns
        ]
        write_row([*cells, result.key, result.error or result.state])
        count += 1
    return count


@contextmanager
def whole_file(path: Path, advice: str = _RESULTS_ADVICE) -> Iterator[Path]:
    """
    A name to write to; the file gets its real name when it is complete and on the disk, else it is removed.

    What is no file, such as ``/dev/stdout``, is written to as it is: a renamed file would take its place. ``advice``
    says what to know, or to do, where it cannot be written.

    Raises:
        LedgerError: it cannot be written.
    """
    is_device = path.exists() and not path.is_file() and not path.is_dir()
    aside = path if is_device else path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield aside
        if not is_device:
            with aside.open("rb") as written:
                os.fsync(written.fileno())
            aside.replace(path)
    except OSError as error:
        raise LedgerError(f"{path} cannot be written: {error.strerror or error}; {advice}") from error
    finally:
        if not is_device:
            with suppress(OSError):
                aside.unlink()


@contextmanager
def whole_text_file(path: Path) -> Iterator[TextIO]:
    """``whole_file``, opened for text."""
    with whole_file(path) as aside, aside.open("w", encoding="utf-8", newline="") as out:
        yield out
        out.flush()


def _row_writer(out: TextIO) -> Callable[[Sequence[Any]], Any]:
    """
    Writes one line of CSV a call, quoted where it must be.

    Before Python 3.13 the csv module leaves a lone carriage return unquoted, which readers take for the line's end.
    """
    plain, quoted = csv.writer(out, lineterminator="\n"), csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)

    def write_row(cells: Sequence[Any]) -> None:
        has_return = "\r" in "".join([cell for cell in cells if isinstance(cell, str)])
        (quoted if has_return else plain).writerow(cells)

    return write_row


def _kept_name(column: str) -> str:
    return f"kept_{column}" if column in RESULT_COLUMNS else column


def _groups(records: Iterable[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    group: list[dict[str, Any]] = []
    for record in records:
        group.append(record)
        if len(group) == size:
            yield group
            group = []
    yield group
