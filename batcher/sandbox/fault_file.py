"""
Reading a fault plan from TOML: a list of ``[[fault]]`` tables.

Whatever is not understood is refused: a misspelt plan that injects nothing would make a test pass for nothing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from batcher.sandbox.endpoints import Endpoint
from batcher.sandbox.fault import Fault, FaultKind
from batcher.sandbox.fault_plan import ANY, FaultPlan, FaultRule
from batcher.sandbox.settings import SandboxError
from batcher.sandbox.verdicts import Verdict

_VERDICT_KEYS = ("http", "code", "description")
_KEYS = (
    *("on", "do", "call", "calls", "rate", "match", "times", "times_each", "retry_after", "seconds"),
    *_VERDICT_KEYS,
)
_ENDPOINTS = (ANY, *Endpoint)
_LARGEST_CODE = 10**18
_AHEAD = re.compile(r"date\+[0-9]{1,9}")
# Keys that only some kinds take, and the kinds that cannot do without.
_ONLY_FOR = {
    "retry_after": (FaultKind.BUSY_503, FaultKind.LIMIT_429),
    "seconds": (FaultKind.SLOW,),
    **dict.fromkeys(_VERDICT_KEYS, (FaultKind.VERDICT,)),
}
_NEEDED = {FaultKind.SLOW: ("seconds",), FaultKind.VERDICT: _VERDICT_KEYS}


def read_plan(path: Path, *, seed: int) -> FaultPlan:
    """
    The plan in a file.

    Raises:
        SandboxError: Names the file, the entry and what is wrong with it.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise SandboxError(f"fault plan {path}: {reason}") from error
    try:
        return FaultPlan(read_rules(text), seed=seed)
    except RecursionError as error:
        raise SandboxError(f"fault plan {path}: it is nested too deeply") from error
    except ValueError as error:
        raise SandboxError(f"fault plan {path}: {error}") from error


def read_rules(text: str) -> list[FaultRule]:
    """
    The rules in the text of a plan.

    Raises:
        ValueError: Says which entry, from 1, and what is wrong with it.
    """
    content = tomllib.loads(text)
    tables = content.pop("fault", [])
    if content:
        raise ValueError(f"unknown key {next(iter(content))!r}; a plan has only [[fault]] tables")
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ValueError("write [[fault]], in double brackets")
    rules = []
    for number, table in enumerate(tables, start=1):
        try:
            rules.append(read_rule(table))
        except ValueError as error:
            raise ValueError(f"fault {number}: {error}") from error
    return rules


def read_rule(table: Mapping[str, object]) -> FaultRule:
    """
    One entry.

    Raises:
        ValueError: Says what is wrong with it.
    """
    unknown = [key for key in table if key not in _KEYS]
    if unknown:
        raise ValueError(f"unknown key {unknown[0]!r}; known are {', '.join(_KEYS)}")
    on = _name(table, "on", _ENDPOINTS)
    choices = [key for key in ("call", "calls", "rate") if key in table]
    if len(choices) > 1:
        raise ValueError(f"{' and '.join(choices)} exclude each other")
    calls = [table["call"]] if "call" in table else table.get("calls")
    if calls is not None and not (isinstance(calls, list) and calls and all(_is_count(call) for call in calls)):
        raise ValueError("call must be a number from 1, and calls a list of such")
    match = table.get("match", {})
    if not isinstance(match, dict) or not all(isinstance(value, str) for value in match.values()):
        raise ValueError('match must be a table of texts, such as {documentId = "5000"}')
    return FaultRule(
        on=on,
        fault=_fault(table),
        calls=frozenset(calls) if calls is not None else None,
        rate=_within(table, "rate", 1.0) if "rate" in table else None,
        match=tuple(match.items()),
        times=_count(table, "times"),
        times_each=_count(table, "times_each"),
    )


def _fault(table: Mapping[str, object]) -> Fault:
    kind = FaultKind(_name(table, "do", tuple(FaultKind)))
    for key, kinds in _ONLY_FOR.items():
        if key in table and kind not in kinds:
            raise ValueError(f"{key} goes with {' or '.join(kinds)}, not with {kind}")
    missing = [key for key in _NEEDED.get(kind, ()) if key not in table]
    if missing:
        raise ValueError(f"{kind} needs {' and '.join(missing)}")
    return Fault(
        kind=kind,
        seconds=_within(table, "seconds", 3600.0) if "seconds" in table else 0.0,
        retry_after=_retry_after(table),
        verdict=_verdict(table) if kind is FaultKind.VERDICT else None,
    )


def _name(table: Mapping[str, object], key: str, known: tuple[str, ...]) -> str:
    value = table.get(key)
    if not isinstance(value, str):
        raise ValueError(f"{key} is missing; it names one of {', '.join(known)}")
    if value not in known:
        raise ValueError(f"{key} names an unknown {value!r}; known are {', '.join(known)}")
    return value


def _count(table: Mapping[str, object], key: str) -> int | None:
    value = table.get(key)
    if value is None:
        return None
    if not isinstance(value, int) or not _is_count(value):
        raise ValueError(f"{key} must be a number from 1")
    return value


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _within(table: Mapping[str, object], key: str, most: float) -> float:
    value = table[key]
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise ValueError(f"{key} must be a number from 0 to {most:g}")
    return float(value)


def _retry_after(table: Mapping[str, object]) -> str | None:
    value = table.get("retry_after")
    if value is not None and not (isinstance(value, str) and value.isprintable()):
        raise ValueError('retry_after must be a text: "2", an HTTP date, or "date+2"')
    if isinstance(value, str) and value.startswith("date+") and not _AHEAD.fullmatch(value):
        raise ValueError('retry_after has whole seconds after "date+", at most 9 digits of them, such as "date+2"')
    return value


def _verdict(table: Mapping[str, object]) -> Verdict:
    http, code, description = (table[key] for key in _VERDICT_KEYS)
    if not isinstance(http, int) or not 200 <= http <= 599:
        raise ValueError("http must be a status from 200 to 599")
    if isinstance(code, bool) or not isinstance(code, int) or not abs(code) < _LARGEST_CODE:
        raise ValueError("code must be a number of at most 18 digits")
    if not isinstance(description, str):
        raise ValueError("description must be a text")
    return Verdict(http, code, description)
