"""
Where settings come from, one layer a source.

A layer holds values as they stand there, unchecked: which of them count is decided before any is judged.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from dotenv import dotenv_values
from pydantic_settings import EnvSettingsSource

from batcher.core.errors import ConfigError

from .complaint import on_one_line
from .model import CREDENTIALS, Settings, setting_names

PREFIX: Final = "BATCHER_"
SECRETS_DIR: Final = "BATCHER_SECRETS_DIR"
_DEFAULT_FILE: Final = "batcher.toml"

_OF_KUBERNETES: Final = re.compile(r"BATCHER_(?:SERVICE_.*|PORT(?:_.*)?)")
"""What Kubernetes puts into every container near a service that is called batcher."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One source. ``origin`` says of a setting where it stands, as messages and ``config show`` have it."""

    values: dict[str, Any]
    origin: Callable[[str], str]
    warnings: tuple[str, ...] = ()


def flag_layer(flags: Mapping[str, object]) -> Layer:
    """
    What the command line says. None, and a list without items, were not given.

    Raises:
        ConfigError: One of them is no setting, or a credential.
    """
    given = {name: value for name, value in flags.items() if value is not None and value not in ([], ())}
    for name in given:
        if name in CREDENTIALS:
            raise ConfigError(f"{_flag(name, None)}: credentials are no flags, which others can see; {_advice(name)}")
        if name not in setting_names():
            raise ConfigError(f"{_flag(name, None)} is no setting{_hint(name, setting_names())}")
    return Layer(values=given, origin=lambda name: f"flag {_flag(name, given.get(name))}")


def variable_layer(variables: Mapping[str, str], place: str) -> Layer:
    """What ``BATCHER_*`` variables say. An empty one was not given, so that compose files may pass variables on."""
    ours = {name.removeprefix(PREFIX): value for name, value in variables.items() if name.startswith(PREFIX)}
    # The names come without their prefix, which pydantic-settings would not look for before an alias.
    source = EnvSettingsSource(Settings, env_prefix="")
    source.env_vars = {name.lower(): value for name, value in ours.items() if value and name.isupper()}
    return Layer(
        values=source(),
        origin=lambda name: f"{place} {PREFIX}{name.upper()}",
        warnings=tuple(_unknown_variables(ours, place)),
    )


def dotenv_variables(folder: Path) -> dict[str, str]:
    """
    The variables of the folder's ``.env``. A dollar sign is a dollar sign there, because passwords hold them.

    Raises:
        ConfigError: It cannot be read.
    """
    path = folder / ".env"
    if not path.is_file():
        return {}
    with _reading("file .env"):
        return {name: value for name, value in dotenv_values(path, interpolate=False).items() if value is not None}


def file_layer(named: Path | None, folder: Path) -> Layer:
    """
    What the TOML file says: the named one, else ``batcher.toml`` of the folder where there is one.

    Raises:
        ConfigError: It cannot be read, names what is no setting, or holds credentials.
    """
    path = named or folder / _DEFAULT_FILE
    if named is None and not path.is_file():
        return Layer(values={}, origin=str)
    place = f"file {on_one_line(path if named else path.name)}"
    with _reading(place):
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    for name, value in values.items():
        if name in CREDENTIALS:
            raise ConfigError(f"{place}: {name}: credentials do not belong there; {_advice(name)}")
        if name not in setting_names():
            section = isinstance(value, dict)
            advice = "; settings stand at the top, without sections" if section else _hint(name, setting_names())
            raise ConfigError(f"{place}: {name} is no setting{advice}")
    return Layer(values=values, origin=lambda name: place)


@contextmanager
def _reading(place: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError(f"{place}: {error.strerror or 'cannot be read'}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{place}: it is not UTF-8; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{place}: it is no TOML: {error}") from error
    except RecursionError as error:
        raise ConfigError(f"{place}: it is nested too deeply") from error
    except ValueError as error:  # Python reads no number of thousands of digits
        raise ConfigError(f"{place}: it holds a number that is too long") from error


def _flag(name: str, value: object) -> str:
    dashed = name.replace("_", "-")
    return f"--no-{dashed}" if value is False else f"--{dashed}"


def _advice(name: str) -> str:
    return f"use {PREFIX}{name.upper()} or a secrets directory"


def _hint(name: str, names: Iterable[str]) -> str:
    similar = get_close_matches(name, names, n=1)
    return f"; did you mean {similar[0]}?" if similar else ""


def _unknown_variables(ours: Mapping[str, str], place: str) -> Iterator[str]:
    known = {PREFIX + name.upper() for name in setting_names()} | {SECRETS_DIR}
    for name in (PREFIX + name for name in ours):
        if name not in known and not _OF_KUBERNETES.fullmatch(name):
            yield f"{place} {name} is no setting{_hint(name, known)}"
