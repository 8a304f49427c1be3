"""
What a setting's text may be: the types that pydantic does not have.

A validator's message follows the value that it speaks of, or the setting's name where a value is not shown.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from batcher.core.money import read_money
from batcher.core.pace import parse_rate

from .duration import parse_duration

_Split = Callable[[str], tuple[str, str, str]]

_FAILURES: Final = re.compile(r"[1-9]\d*|(?:\d+(?:\.\d+)?)%", re.ASCII)


def _items(value: object) -> object:
    """A text's items: comma separated, in double quotes where an item holds a comma. Anything else stays as it is."""
    if not isinstance(value, str):
        return value
    try:
        return next(csv.reader([value], skipinitialspace=True), [])
    except csv.Error:
        raise ValueError(f"must be one line with items of at most {csv.field_size_limit():,} characters") from None


def _written(value: object) -> str:
    """The value as text; nothing where it is a number of so many digits that Python does not write it out."""
    try:
        return str(value)
    except ValueError:
        return ""


def _column_to_field(value: object) -> object:
    # A column may hold an equals sign, a field never does.
    return _pairs(value, lambda item: item.rpartition("="), "COLUMN=FIELD")


def _field_to_value(value: object) -> object:
    return _pairs(value, lambda item: item.partition("="), "FIELD=VALUE")


def _pairs(value: object, split: _Split, form: str) -> object:
    if isinstance(value, Mapping):
        return value
    found: dict[str, str] = {}
    items = _items(value)
    for item in items if isinstance(items, Iterable) else [items]:
        name, sign, given = split(item) if isinstance(item, str) else ("", "", "")
        if not sign or not name:
            raise ValueError(f"must be {form}; several in one text are separated by commas")
        if name in found:
            raise ValueError(f"names {name} twice")
        found[name] = given
    return found


def _rate(value: object) -> str:
    text = _written(value).strip()
    try:
        parse_rate(text)
    except ValueError:
        raise ValueError("is no rate; write it like 10/s, 100/min or 3000/h") from None
    return text


def _failures(value: object) -> str:
    text = "".join(_written(value).split())
    if not _FAILURES.fullmatch(text) or (text.endswith("%") and not 0 < float(text[:-1]) <= 100):
        raise ValueError("is no limit; write a number of rows like 100 (1 or more), or a percentage like 5%")
    return text


def _money(value: object) -> str:
    text = _written(value).strip()
    if (read_money(text) or 0) <= 0:
        raise ValueError("is no amount; write dollars above 0, like 250 or 0.95")
    return text


def _lowered(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _path(value: object) -> object:
    if not value:
        raise ValueError("is empty; name a file")
    if "\0" in _written(value):
        raise ValueError("is no name that a file can have")
    return value


def _sendable(secret: SecretStr) -> SecretStr:
    """Bytes of the environment that are no UTF-8 come as half characters, which cannot be sent."""
    try:
        secret.get_secret_value().encode()
    except UnicodeEncodeError:
        raise ValueError("is not UTF-8") from None
    return secret


def _at_home(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:
        raise ValueError("begins with a home folder that this machine does not know") from None


def _ledger(value: object) -> object:
    if _written(value).lower().startswith(("postgresql:", "postgres:")):
        raise ValueError("names a PostgreSQL database, which this version does not use yet; name a file")
    return value


def _base_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        plain = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        plain = False
    if not plain or not url.isprintable() or " " in url:
        raise ValueError("is no address like https://host/molpro")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold credentials; use BATCHER_USERNAME and BATCHER_PASSWORD")
    if "?" in url or "#" in url:
        raise ValueError("must end with the path, usually /molpro, without ? or #")
    return url.rstrip("/")


def zone_named(name: str) -> tzinfo:
    """
    The time zone of that IANA name.

    Raises:
        ValueError: this machine knows none of that name.
    """
    try:
        # UTC needs no database of time zones, which small machines do not have.
        return UTC if name == "UTC" else ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("is no time zone; write it like UTC or America/New_York") from None


def _zone(name: str) -> str:
    zone_named(name)
    return name


Text = Annotated[str, Field(min_length=1)]
Seconds = Annotated[float, BeforeValidator(parse_duration)]
SomeSeconds = Annotated[float, Field(gt=0), BeforeValidator(parse_duration)]
Secret = Annotated[SecretStr, AfterValidator(_sendable)]
UserPath = Annotated[Path, AfterValidator(_at_home), BeforeValidator(_path)]
LedgerPath = Annotated[UserPath, BeforeValidator(_ledger)]
BaseUrl = Annotated[str, AfterValidator(_base_url)]
Rate = Annotated[str, BeforeValidator(_rate)]
Failures = Annotated[str, BeforeValidator(_failures)]
Money = Annotated[str, BeforeValidator(_money)]
LogLevel = Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lowered)]
Zone = Annotated[str, AfterValidator(_zone)]
Columns = Annotated[tuple[Text, ...], NoDecode, BeforeValidator(_items)]
ColumnToField = Annotated[Mapping[Text, Text], NoDecode, BeforeValidator(_column_to_field)]
FieldToValue = Annotated[Mapping[Text, str], NoDecode, BeforeValidator(_field_to_value)]
