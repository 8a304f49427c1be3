"""
Text in, job specifications out.

``open_manifest`` is the door: it opens a CSV, TSV, JSON, JSON Lines or Excel file and gives its rows one by one, each
valid by itself, and afterwards every problem of the others in one report. Whether two rows are the same job is not
asked here: that takes a memory of all rows, and the ledger has one.
"""

from __future__ import annotations

from pathlib import Path

from .csv import read_csv
from .fields import BATCHER_KEY, BATCHER_REASON, FIELDS, REQUIRED, Field, Kind
from .format import FORMATS, STDIN, format_of
from .json import read_json
from .jsonl import read_jsonl
from .manifest import Manifest
from .mapping import is_header, known_names
from .problems import ManifestInvalid, ManifestUnreadable, Problem, Problems
from .reading import Reading
from .records import Contents
from .source import Source, open_source
from .suggestion import did_you_mean
from .text import Text
from .xlsx import read_xlsx

__all__ = [
    "BATCHER_KEY",
    "BATCHER_REASON",
    "FIELDS",
    "FORMATS",
    "REQUIRED",
    "STDIN",
    "Field",
    "Kind",
    "Manifest",
    "ManifestInvalid",
    "ManifestUnreadable",
    "Problem",
    "Problems",
    "Reading",
    "did_you_mean",
    "open_manifest",
]


def open_manifest(path: str | Path, reading: Reading) -> Manifest:
    """
    Opens a manifest and reads as far as its header; ``-`` is standard input, which needs a format.

    Raises:
        ManifestUnreadable: What can be known at once is against it: no such file, no text, no header, another format.
        ConfigError: Standard input without a format.
    """
    file_format = format_of(path, reading.format)
    source = open_source(path, file_format)
    try:
        contents = _read(source, file_format, reading)
        _refuse_without_header(source.name, contents, reading)
        return Manifest(
            name=source.name,
            file_format=file_format,
            contents=contents,
            reading=reading,
            close=source.close,
            imprint=source.imprint,
        )
    except BaseException:
        source.close()
        raise


def _refuse_without_header(name: str, contents: Contents, reading: Reading) -> None:
    if contents.header is None or is_header(contents.header, reading):
        return
    reason = "no column here is called like a field of a job: is the header missing, or the delimiter another?"
    raise ManifestUnreadable(name, Problem(reason=reason, place=contents.place, line=contents.header_line))


def _read(source: Source, file_format: str, reading: Reading) -> Contents:
    match file_format:
        case "xlsx":
            return read_xlsx(source)
        case "json":
            return read_json(Text(source, reading.encoding))
        case "jsonl":
            return read_jsonl(Text(source, reading.encoding, newline="\n"))
        case _:
            delimiter = reading.delimiter or ("\t" if file_format == "tsv" else None)
            return read_csv(Text(source, reading.encoding), delimiter, known_names(reading))
