"""JSON Lines: an object a line; blank lines are passed over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain

from .objects import DECODER, record_of, why_undecodable
from .problems import ManifestUnreadable, Problem
from .records import Contents, Record
from .text import Text

_BLANKS = " \t\r\n"


def read_jsonl(text: Text) -> Contents:
    """
    Looks at the first line, and leaves the rest to be read.

    Raises:
        ManifestUnreadable: The first line shows that the file is something else.
    """
    lines = enumerate(text.lines(), 1)
    first = next(((number, line) for number, line in lines if line.strip(_BLANKS)), None)
    if first is None:
        raise ManifestUnreadable(text.name, Problem(reason="holds nothing but blank lines"))
    _refuse_other_formats(text.name, *first)
    return Contents(place="line", records=_records(chain([first], lines)))


def _records(lines: Iterator[tuple[int, str]]) -> Iterator[Record | Problem]:
    decode = DECODER.raw_decode
    for number, padded in lines:
        line = padded.strip(_BLANKS)
        if not line:
            continue
        try:
            value, end = decode(line)
        except (ValueError, RecursionError) as error:
            at = f", at character {error.pos + 1:,}" if isinstance(error, json.JSONDecodeError) else ""
            yield Problem(reason=why_undecodable(error) + at, line=number)
            continue
        if end == len(line):
            yield record_of(value, "line", number)
        else:
            yield Problem(reason="something follows the object", line=number)


def _refuse_other_formats(name: str, number: int, first: str) -> None:
    line = first.strip(_BLANKS)
    if line == "{":
        reason, advice = "an object must stand on one line", "give --format json if it is a JSON document"
    elif line.startswith("["):
        reason, advice = "it looks like a JSON array", "give --format json"
    elif not line.startswith("{"):
        reason, advice = "is no JSON object; it looks like a table", "give --format csv"
    elif line.startswith(('{"jobs"', '{"defaults"')):
        reason, advice = "it looks like a JSON document with jobs in it", "give --format json"
    else:
        return
    raise ManifestUnreadable(name, Problem(reason=reason, line=number, suggestion=advice))
