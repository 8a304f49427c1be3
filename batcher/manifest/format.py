"""Which format a manifest is in: as given, else by the suffix of its name."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from batcher.core.errors import ConfigError

from .problems import ManifestUnreadable, Problem, on_one_line, shown

FORMATS: Final = ("csv", "tsv", "json", "jsonl", "xlsx")

STDIN: Final = "-"

_SUFFIXES: Final = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".xlsx": "xlsx",
}

_FORMAT_LIST: Final = f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}"


def name_of(path: str | Path) -> str:
    """A file's name for people and for the ledger, which takes nothing but text."""
    return on_one_line(Path(path).name or str(path))


def format_of(path: str | Path, given: str | None) -> str:
    """The format as given, else by the suffix; ``.gz`` is looked through."""
    if given is not None:
        return given
    if path == STDIN:
        raise ConfigError(f"standard input has no suffix to tell its format: give --format {_FORMAT_LIST}")
    name = name_of(path)
    suffix = Path(name[:-3] if name.lower().endswith(".gz") else name).suffix
    if suffix.lower() not in _SUFFIXES:
        if Path(path).is_dir():
            raise ManifestUnreadable(name, Problem(reason="is a directory, not a manifest"))
        known = f"the suffix {shown(suffix)} names no format" if suffix else "its name has no suffix"
        raise ManifestUnreadable(name, Problem(reason=known, suggestion=f"give --format {_FORMAT_LIST}"))
    return _SUFFIXES[suffix.lower()]
