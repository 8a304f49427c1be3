"""Passwords from files: a secrets directory as containers mount it, or one file that a setting names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from batcher.core.errors import ConfigError

from .complaint import on_one_line
from .sources import SECRETS_DIR, Layer

DEFAULT_SECRETS_DIR: Final = Path("/run/secrets")
_FROM_SECRETS: Final = ("username", "password", "payment")


def secrets_layer(variables: Mapping[str, str]) -> Layer:
    """
    The files ``batcher_username``, ``batcher_password`` and ``batcher_payment`` of the secrets directory, if any.

    pydantic-settings' own reader takes blanks off both ends of a secret, which may be part of a password.

    Raises:
        ConfigError: The directory was named and is none, or a file in it cannot be read.
    """
    folder = DEFAULT_SECRETS_DIR
    if named := variables.get(SECRETS_DIR):
        folder = _at_home(Path(named))
        if not folder.is_dir():
            raise ConfigError(f"{SECRETS_DIR}: {on_one_line(folder)} is no directory")
    elif not os.access(folder, os.R_OK | os.X_OK):
        return Layer(values={}, origin=str)
    files = {name: folder / f"batcher_{name}" for name in _FROM_SECRETS}
    place = f"secrets directory {on_one_line(folder)}"
    values = {name: read_secret(path, place) for name, path in files.items() if path.is_file()}
    return Layer(values=values, origin=lambda name: place)


def _at_home(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:  # nobody is called that; then it is taken as it stands, and is no directory
        return path


def read_secret(path: Path, place: str) -> str:
    """
    What the file holds, without the line end that editors and ``echo`` put behind it.

    Raises:
        ConfigError: It cannot be read, or holds nothing or more than one line.
    """
    try:
        secret = path.expanduser().read_bytes().decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        # Not chained: the error carries the bytes.
        raise ConfigError(f"{place}: {on_one_line(path)} is not UTF-8") from None
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "cannot be read"
        raise ConfigError(f"{place}: {on_one_line(path)}: {reason}") from error
    if not secret:
        raise ConfigError(f"{place}: {on_one_line(path)} is empty")
    if "\n" in secret or "\0" in secret:
        raise ConfigError(f"{place}: {on_one_line(path)} must hold one line of text")
    return secret


def with_password_read(layer: Layer) -> Layer:
    """
    The layer, with the password that its password file holds.

    Raises:
        ConfigError: The layer has both a password and a password file, or the file cannot be read.
    """
    if "password_file" not in layer.values:
        return layer
    place = layer.origin("password_file")
    if "password" in layer.values:
        raise ConfigError(f"{layer.origin('password')} and {place} are both set; leave one of the two")
    password = read_secret(Path(layer.values["password_file"]), place)
    return Layer(
        values={**layer.values, "password": password},
        origin=lambda name: layer.origin("password_file" if name == "password" else name),
        warnings=layer.warnings,
    )
