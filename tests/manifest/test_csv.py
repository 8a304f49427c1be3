"""CSV and TSV: delimiters, quotes, lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from batcher.manifest import Reading, open_manifest

from .builders import JOB, complaint, csv_bytes, job, read

HEADER = ",".join(JOB)
LINE = ",".join(JOB.values())


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    return tmp_path / "jobs.csv"


def complaint_of(path: Path, text: str) -> str:
    path.write_bytes(text.encode())
    return complaint(path).removeprefix("jobs.csv: ")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_in_the_header(manifest: Path, delimiter: str) -> None:
    name = "a,b;c d|e"
    manifest.write_bytes(csv_bytes([job(rtnName=name)], delimiter))

    assert read(manifest)[0].parameters["rtnName"] == name


def test_a_delimiter_that_stands_more_often_does_not_win_over_known_names(manifest: Path) -> None:
    manifest.write_bytes(csv_bytes([job(**{"a,b,c,d,e,f,g,h,i,j,k,l": "x"})], ";"))

    assert len(read(manifest, keep=("a,b,c,d,e,f,g,h,i,j,k,l",))) == 1


def test_a_delimiter_may_be_given(manifest: Path) -> None:
    manifest.write_bytes(csv_bytes([JOB], "^"))

    assert len(read(manifest, delimiter="^")) == 1


def test_tsv_goes_by_tabs(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_bytes(csv_bytes([job(rtnName="a;b,c")], "\t"))

    assert read(tmp_path / "a.tsv")[0].parameters["rtnName"] == "a;b,c"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end(manifest: Path, end: str) -> None:
    manifest.write_bytes((HEADER + end + LINE + end + LINE).encode())

    assert [(row.number, row.line) for row in read(manifest)] == [(1, 2), (2, 3)]


def test_blank_lines_and_lines_of_only_delimiters_are_passed_over(manifest: Path) -> None:
    manifest.write_bytes(f"\n,,\n{HEADER}\n\n{LINE}\n,,,,,,,,\n  \n{LINE}\n\n".encode())

    assert [(row.number, row.line) for row in read(manifest)] == [(1, 5), (2, 8)]


def test_a_row_of_several_lines_is_named_by_its_first(manifest: Path) -> None:
    manifest.write_bytes(csv_bytes([job(note="a\nb\n\nc"), job(note="d", documentId="8")]))

    assert [(row.number, row.line) for row in read(manifest, keep=("note",))] == [(1, 2), (2, 6)]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [("x,y", "too few cells: 2 where the header has 9"), (LINE + ",", "too many cells: 10 where the header has 9")],
)
def test_a_ragged_row(manifest: Path, cells: str, reason: str) -> None:
    manifest.write_bytes(f"{HEADER}\n{cells}\n{LINE}\n".encode())

    with open_manifest(manifest, Reading()) as opened:
        numbers = [row.number for row in opened.rows()]

    assert numbers == [2]
    assert [str(problem) for problem in opened.problems] == [f"line 2: {reason}"]


def test_a_quote_that_is_never_closed(manifest: Path) -> None:
    text = f'{HEADER}\n{LINE}\n"{LINE}\n{LINE}\n{LINE}\n'

    assert complaint_of(manifest, text) == "line 3: a quote that is opened here is never closed"


def test_the_quote_is_named_by_its_own_line_and_not_by_the_rows(manifest: Path) -> None:
    text = f'{HEADER}\n{LINE}\n"a\n""b",5"" x,"c\nd","e\n{LINE}\n{LINE}'

    assert complaint_of(manifest, text) == "line 5: a quote that is opened here is never closed"


def test_a_quote_that_is_not_closed_for_very_long(manifest: Path) -> None:
    text = f'{HEADER}\n{LINE}\n"{LINE}\n' + f"{LINE}\n" * 5000

    assert complaint_of(manifest, text) == "line 3: a quote that is opened here is not closed within one cell's length"


def test_a_record_of_many_long_lines(manifest: Path) -> None:
    cell = '"' + "x\n" * 50_000 + '"'
    text = f"{HEADER}\n" + ",".join([cell] * 11)

    assert complaint_of(manifest, text) == (
        "line 450002: a quote is opened here, and the record grows to over 1,000,000 characters"
    )


def test_text_behind_a_closing_quote(manifest: Path) -> None:
    text = f'{HEADER}\n{LINE}\n"Letter" 8.5,b\n'

    assert complaint_of(manifest, text) == "line 3: text follows the closing quote of a cell that begins in line 3"


def test_a_cell_without_end(manifest: Path) -> None:
    text = f"{HEADER}\n{LINE}\n{'x' * 140_000},b\n"

    assert complaint_of(manifest, text) == "line 3: a cell cannot be read: field larger than field limit (131072)"


def test_a_header_without_end(manifest: Path) -> None:
    assert (
        complaint_of(manifest, "x" * 140_000) == "line 1: a cell cannot be read: field larger than field limit (131072)"
    )


def test_a_broken_header(manifest: Path) -> None:
    assert complaint_of(manifest, f'"{HEADER}\n{LINE}') == "line 1: a quote that is opened here is never closed"


def test_quotes_inside_an_unquoted_cell_are_text(manifest: Path) -> None:
    color = 'Full 5"" "Color"'
    manifest.write_bytes(f"{HEADER}\n{LINE.replace(JOB['color'], color)}\n".encode())

    assert read(manifest)[0].parameters["color"] == color


def test_rows_can_be_read_in_batches_and_once(manifest: Path) -> None:
    manifest.write_bytes(csv_bytes([job(documentId=str(number)) for number in range(7)]))

    with open_manifest(manifest, Reading()) as opened:
        sizes = [[row.number for row in batch] for batch in opened.batches(3)]
        with pytest.raises(RuntimeError, match="can be read once"):
            next(opened.rows())

    assert sizes == [[1, 2, 3], [4, 5, 6], [7]]
