"""How a manifest is to be read: everything that the flags say about it, checked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final

from batcher.core.errors import ConfigError

from .encoding import charset_named
from .fields import FIELDS, SIGNATURE
from .format import FORMATS
from .problems import Problem, bare, shown
from .suggestion import did_you_mean
from .values import read_value

_DELIMITER_WORDS: Final = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """
    How to read a manifest; None means: find out.

    ``mapping`` leads from a column to the field it stands for, ``constants`` from a field to the value it has in every
    row. Columns in ``keep`` go to the results and are not sent, also where their name is a field's.
    ``only_corrections`` is for a failed file that comes back: every row must say by ``batcher_key`` which one it mends.

    Raises:
        ConfigError: A flag contradicts itself, another flag, or what a field may hold.
    """

    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    key: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    keep: tuple[str, ...] = ()
    keep_app_signature: bool = False
    only_corrections: bool = False

    def __post_init__(self) -> None:
        if self.format is not None and self.format not in FORMATS:
            raise ConfigError(f"--format {shown(self.format)} is none of {', '.join(FORMATS)}")
        if self.encoding is not None:
            charset_named(self.encoding)
        if self.delimiter is not None:
            object.__setattr__(self, "delimiter", _delimiter_named(self.delimiter))
        for column, target in self.mapping.items():
            self._check_mapped(column, target)
        for name, value in self.constants.items():
            self._check_constant(name, value)

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values, for the ledger."""
        return asdict(self) | {"mapping": dict(self.mapping), "constants": dict(self.constants), "keep": [*self.keep]}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Reading:
        """What ``as_dict`` gave; names that this version does not know are passed over."""
        known = {f.name: stored[f.name] for f in fields(cls) if f.name in stored}
        return cls(**known | {"keep": tuple(known.get("keep", ()))})

    def _check_mapped(self, column: str, target: str) -> None:
        flag = f"--map {bare(column)}={bare(target)}"
        self._check_field(flag, target)
        if column in self.keep:
            raise ConfigError(f"{flag}: the column is also listed with --keep; it can be sent or only kept, not both")
        if target in self.constants:
            raise ConfigError(f"{flag}: --set gives {target} a constant; leave one of the two away")

    def _check_constant(self, name: str, value: str) -> None:
        self._check_field(f"--set {bare(name)}", name)
        read = read_value(FIELDS[name], value)
        if isinstance(read, Problem):
            raise ConfigError(f"--set {name}: {read}")
        if value == "" and not FIELDS[name].may_be_empty:
            raise ConfigError(f"--set {name}: the value is empty, which sends nothing")

    def _check_field(self, flag: str, name: str) -> None:
        if name not in FIELDS:
            hint = did_you_mean(name, FIELDS)
            raise ConfigError(f"{flag}: {shown(name)} is no field of a job" + (f"; {hint}" if hint else ""))
        if name == SIGNATURE and not self.keep_app_signature:
            raise ConfigError(f"{flag}: {SIGNATURE} belongs to the ledger; --keep-app-signature allows it")


def _delimiter_named(delimiter: str) -> str:
    found = _DELIMITER_WORDS.get(delimiter, delimiter)
    if len(found) != 1 or found in '"\r\n\0 ' or found.isalnum():
        raise ConfigError(f"--delimiter {shown(delimiter)} is not one character like , ; | or the word tab")
    return found
