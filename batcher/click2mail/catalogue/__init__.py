"""
The shipped catalogue: options that clients of the remote really use, as far as they are public.

``combinations.csv`` holds whole combinations, ``options.csv`` single values: ``*`` in place of a document class where a
list does not say with which class a value goes. Each line names where it was seen. An empty ``mailClass`` is one that
was not told. Blanks are part of the values, wherever they stand.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from io import StringIO
from typing import Final

from batcher.core.catalogue import Catalogue
from batcher.core.product import OPTION_FIELDS, Combination

_ANY_CLASS: Final = "*"


@lru_cache(maxsize=1)
def shipped_catalogue() -> Catalogue:
    """The catalogue, read once."""
    combinations: dict[str, dict[Combination, None]] = defaultdict(dict)
    for line in _lines("combinations.csv"):
        combination = Combination.of({field: line[field] for field in OPTION_FIELDS} | {"mailClass": _told(line)})
        combinations[line["documentClass"]][combination] = None
    options: dict[str, dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    for line in _lines("options.csv"):
        options[line["documentClass"]][line["field"]][line["value"]] = None
    by_class = {name: {field: tuple(values) for field, values in fields.items()} for name, fields in options.items()}
    anywhere = by_class.pop(_ANY_CLASS, {})
    return Catalogue(
        combinations={name: tuple(found) for name, found in combinations.items()}, options=by_class, anywhere=anywhere
    )


def _told(line: dict[str, str]) -> str | None:
    return line["mailClass"] or None


def _lines(name: str) -> Iterator[dict[str, str]]:
    text = (files(__package__) / name).read_text(encoding="utf-8")
    return csv.DictReader(StringIO(text, newline=""))
