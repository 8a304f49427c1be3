"""Every value with where it came from, for ``batcher config show``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pydantic import SecretStr

from .model import Settings


class Shown(NamedTuple):
    """One setting for people; ``value`` is empty where it is not set, and masked where it is a secret."""

    name: str
    value: str
    origin: str


def origins(settings: Settings) -> list[Shown]:
    """Every setting in the order of the model."""
    return [
        Shown(name, _as_text(getattr(settings, attribute)), settings.origin_of(name))
        for attribute, field in Settings.model_fields.items()
        for name in [field.alias or attribute]
    ]


def _as_text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
        case SecretStr():
            return "********"
        case Mapping():
            return ", ".join(f"{name}={item}" for name, item in value.items())
        case tuple():
            return ", ".join(map(str, value))
        case _:
            return str(value)
