"""Results and failed rows as files."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from batcher.core.errors import ConfigError, Exit, LedgerError
from batcher.ledger.export import (
    RESULT_COLUMNS,
    columns_of,
    record_of,
    whole_file,
    whole_text_file,
    write_failed,
    write_parquet,
    write_results,
)
from batcher.ledger.records import Campaign, Result
from tests.ledger.builders import TARGET

CAMPAIGN = Campaign(
    campaign_id=1,
    name="c",
    token="t",
    target=TARGET,
    manifest="m.csv",
    columns=("Document", "note", "address"),
    kept_columns=("note",),
    reading={"field_of": {"Document": "documentId", "address": "addressId"}},
    own_signatures=False,
    created_at="2026-01-01T00:00:00.000Z",
)
FROZEN_COLUMNS = (
    *("row_number", "key", "state", "job_id", "http_status", "return_code", "description", "attempts"),
    *("first_sent_at", "completed_at", "duration_ms", "error_type", "error", "cost", "remote_state"),
)
NASTY = (
    "plain",
    "",
    " spaces ",
    'quo"te',
    "comma, semicolon; tab\t",
    "line\nfeed",
    "carriage\rreturn",
    "both\r\n",
    "\n",
    "\r",
    "äöü €漢字 🦉",
    "\u2028\u0085\ufeff",
    "=1+1",
    "'quoted",
    "00123",
)


def result(number: int = 1, **changes: Any) -> Result:
    record = Result(
        row_number=number,
        key=f"k{number}",
        state="created",
        job_id=5000 + number,
        http_status=201,
        return_code=0,
        description="Created",
        attempts=1,
        first_sent_at="2026-01-01T00:00:00.000Z",
        completed_at="2026-01-01T00:00:01.000Z",
        duration_ms=1000,
        error_type=None,
        error=None,
        cost_micros=None,
        remote_state=None,
        kept={"note": f"n{number}"},
        parameters_json=json.dumps({"documentId": str(number), "addressId": "500"}),
    )
    if "parameters" in changes:
        changes["parameters_json"] = json.dumps(changes.pop("parameters"))
    return record._replace(**changes)


def written(results: Sequence[Result], file_format: str, campaign: Campaign = CAMPAIGN) -> str:
    out = io.StringIO(newline="")
    write_results(out, campaign, results, file_format)
    return out.getvalue()


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def failed(results: Sequence[Result], campaign: Campaign = CAMPAIGN) -> list[dict[str, str]]:
    out = io.StringIO(newline="")
    write_failed(out, campaign, [result._replace(job_id=None) for result in results])
    return read_csv(out.getvalue())


# Results


def test_the_columns_are_frozen_and_the_kept_ones_come_last() -> None:
    """Other programs read them."""
    assert columns_of(CAMPAIGN) == (*FROZEN_COLUMNS, "note")


def test_csv_has_one_line_a_row_in_the_order_of_the_columns() -> None:
    text = written([result(1), result(2, job_id=None, state="pending", error="why", error_type="what")], "csv")

    assert text.splitlines() == [
        ",".join([*FROZEN_COLUMNS, "note"]),
        "1,k1,created,5001,201,0,Created,1,2026-01-01T00:00:00.000Z,2026-01-01T00:00:01.000Z,1000,,,,,n1",
        "2,k2,pending,,201,0,Created,1,2026-01-01T00:00:00.000Z,2026-01-01T00:00:01.000Z,1000,what,why,,,n2",
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_cells_that_a_spreadsheet_would_run_are_made_harmless(start: str) -> None:
    nasty = f"{start}cmd|'/c calc'!A0"
    (row,) = read_csv(written([result(key=nasty, description=nasty, error=nasty, kept={"note": nasty})], "csv"))

    assert (row["key"], row["description"], row["error"], row["note"]) == (f"'{nasty}",) * 4


def test_numbers_are_not_text_and_stay_as_they_are() -> None:
    (row,) = read_csv(written([result(return_code=-1)], "csv"))

    assert row["return_code"] == "-1"


@pytest.mark.parametrize("value", [v for v in NASTY if not v.startswith(("=", "\r"))])
def test_what_csv_must_quote_comes_back_as_it_was(value: str) -> None:
    (row,) = read_csv(written([result(kept={"note": value})], "csv"))

    assert row["note"] == value


def test_a_row_without_a_kept_column_has_an_empty_cell() -> None:
    (row,) = read_csv(written([result(kept={})], "csv"))

    assert row["note"] == ""


def test_a_kept_column_named_like_a_result_does_not_take_its_place() -> None:
    campaign = replace(CAMPAIGN, kept_columns=("state",))
    (row,) = read_csv(written([result(kept={"state": "Ohio"})], "csv", campaign))

    assert (row["state"], row["kept_state"]) == ("created", "Ohio")


def test_further_jobs_of_a_row_are_named_by_id() -> None:
    record = record_of(result(extra_job_ids=(8, 9)))

    assert (record["error_type"], record["error"]) == (
        "duplicate_jobs",
        "the remote holds more jobs under this row's signature: 8, 9",
    )


@pytest.mark.parametrize("count", [0, 1, 3])
def test_json_is_one_array_of_the_same_records(count: int) -> None:
    results = [result(n) for n in range(1, count + 1)]

    assert json.loads(written(results, "json")) == [record_of(r) for r in results]


def test_jsonl_is_a_record_a_line() -> None:
    results = [result(n, kept={"note": value}) for n, value in enumerate(NASTY, 1)]
    lines = written(results, "jsonl").removesuffix("\n").split("\n")

    assert [json.loads(line) for line in lines] == [record_of(r) for r in results]


def test_json_keeps_values_as_they_are() -> None:
    """Only a spreadsheet runs cells."""
    (record,) = json.loads(written([result(kept={"note": "=1+1"})], "json"))

    assert record["note"] == "=1+1"


def test_every_column_is_in_every_record_in_order() -> None:
    assert tuple(record_of(result())) == (*RESULT_COLUMNS, "note")


# Parquet


@pytest.fixture
def parquet() -> Any:
    """The reader; it may be missing at home."""
    return pytest.importorskip("pyarrow.parquet")


@pytest.mark.parametrize("count", [0, 1, 3])
def test_parquet_holds_the_same_records(parquet: Any, tmp_path: Path, count: int) -> None:
    results = [result(n, kept={"note": NASTY[n]}, job_id=None) for n in range(1, count + 1)]
    write_parquet(tmp_path / "r.parquet", CAMPAIGN, results)

    table = parquet.read_table(tmp_path / "r.parquet")
    assert (table.to_pylist(), tuple(table.column_names)) == ([record_of(r) for r in results], columns_of(CAMPAIGN))


def test_parquet_keeps_numbers_as_numbers(parquet: Any, tmp_path: Path) -> None:
    write_parquet(tmp_path / "r.parquet", CAMPAIGN, [result()])

    schema = parquet.read_schema(tmp_path / "r.parquet")
    numbers = [field.name for field in schema if str(field.type) == "int64"]
    assert numbers == ["row_number", "job_id", "http_status", "return_code", "attempts", "duration_ms"]


def test_parquet_that_fails_half_way_leaves_nothing(parquet: Any, tmp_path: Path) -> None:
    def breaking() -> Any:
        yield result()
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        write_parquet(tmp_path / "r.parquet", CAMPAIGN, breaking())
    assert list(tmp_path.iterdir()) == []


def test_without_pyarrow_the_user_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(ConfigError, match=r"pip install 'batcher\[parquet\]'"):
        write_parquet(tmp_path / "r.parquet", CAMPAIGN, [])


# Failed rows


def test_failed_rows_have_the_manifests_own_columns_and_two_of_ours() -> None:
    (row,) = failed([result(state="rejected", error="HTTP 400, code 9: missing")])

    assert row == {
        "Document": "1",
        "note": "n1",
        "address": "500",
        "batcher_key": "k1",
        "batcher_reason": "HTTP 400, code 9: missing",
    }


@pytest.mark.parametrize("value", NASTY)
def test_failed_rows_come_back_byte_for_byte(value: str) -> None:
    (row,) = failed([result(key=value, kept={"note": value}, parameters={"documentId": value})])

    assert (row["Document"], row["note"], row["batcher_key"]) == (value, value, value)


def test_many_failed_rows_come_back_in_order() -> None:
    rows = failed([result(n, kept={"note": value}) for n, value in enumerate(NASTY, 1)])

    assert [row["note"] for row in rows] == list(NASTY)


def test_a_field_that_a_row_does_not_have_is_an_empty_cell() -> None:
    (row,) = failed([result(parameters={})])

    assert (row["Document"], row["address"]) == ("", "")


def test_a_failed_row_without_an_error_says_its_state() -> None:
    (row,) = failed([result(state="failed")])

    assert row["batcher_reason"] == "failed"


def test_the_number_of_failed_rows_is_told() -> None:
    assert write_failed(io.StringIO(), CAMPAIGN, [result(1, job_id=None), result(2, job_id=None)]) == 2


# Files appear whole or not at all


def test_a_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "r.csv"
    with whole_text_file(target) as out:
        out.write("a\r\nb")
        during = target.exists()

    assert (during, target.read_bytes(), list(tmp_path.iterdir())) == (False, b"a\r\nb", [target])


@pytest.mark.parametrize("error", [RuntimeError("x"), KeyboardInterrupt("x"), LedgerError("x")])
def test_a_writer_that_raises_leaves_the_old_file_and_nothing_else(tmp_path: Path, error: BaseException) -> None:
    target = tmp_path / "r.csv"
    target.write_text("old")

    def interrupted() -> None:
        with whole_text_file(target) as out:
            out.write("half of it")
            raise error

    with pytest.raises(type(error), match="x"):
        interrupted()
    assert (target.read_text(), list(tmp_path.iterdir())) == ("old", [target])


@pytest.mark.parametrize("name", ["nowhere/r.csv", "folder"])
def test_a_file_that_cannot_be_written_is_told_in_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()

    def write() -> None:
        with whole_text_file(tmp_path / name) as out:
            out.write("x")

    with pytest.raises(LedgerError, match=r"cannot be written: .+; the ledger has it all") as caught:
        write()
    assert (caught.value.exit_code, list(tmp_path.iterdir())) == (Exit.LEDGER_BROKEN, [tmp_path / "folder"])


def test_a_disk_that_fills_up_is_told_in_one_line(tmp_path: Path) -> None:
    def write() -> None:
        with whole_file(tmp_path / "r.csv"):
            raise OSError(28, "No space left on device")

    with pytest.raises(LedgerError, match="No space left on device"):
        write()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_what_is_no_file_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    """A renamed file would take the place of /dev/null or /dev/stdout."""
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with whole_text_file(pipe) as out:
        out.write("through")
    arrived = os.read(reading, 100)
    os.close(reading)

    assert (arrived, pipe.is_fifo(), list(tmp_path.iterdir())) == (b"through", True, [pipe])
