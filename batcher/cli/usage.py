"""Mistakes in a command line, in the words and the form of every other error: what, where, what to do next."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from typer.exceptions import TyperException

from batcher.core.errors import ConfigError

_WHOLE: Final = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_DECIMAL: Final = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?", re.ASCII)


def whole_number(flag: str, text: str, *, above: int | None = None) -> int:
    """
    The number that a flag's text is.

    Raises:
        ConfigError: it is none, or not ``above`` that.
    """
    number = int(text) if _WHOLE.fullmatch(text) else None
    if number is None or (above is not None and number <= above):
        wanted = "" if above is None else f" above {above}"
        raise ConfigError(f'flag {flag}: "{text}" is no whole number{wanted}')
    return number


def number(flag: str, text: str) -> float:
    """
    The number, whole or not, that a flag's text is.

    Raises:
        ConfigError: it is none.
    """
    if not _DECIMAL.fullmatch(text):
        raise ConfigError(f'flag {flag}: "{text}" is no number')
    return float(text)


def usage_words(error: TyperException) -> str:
    """
    One line about a command line that typer does not take; empty where the help was shown already.

    Typer's kinds of errors are private to it, so they are known by their names; of a kind that is new its own words are
    taken.
    """
    message = error.format_message().rstrip(".")
    if not message:
        return ""
    context = getattr(error, "ctx", None)
    path = "batcher" if context is None else context.command_path
    trouble = _trouble(error, message)
    return f"{trouble}{'' if trouble.endswith('?') else ';'} `{path} --help` lists what there is"


def _trouble(error: Any, message: str) -> str:
    match type(error).__name__:
        case "MissingParameter":
            return f"{error.param.metavar or error.param.name} is missing"
        case "NoSuchOption":
            return f"there is no flag {error.option_name}{_hint(error.possibilities or ())}"
        case "BadOptionUsage":
            trouble = "its value is missing" if "requires" in message else "it takes no value"
            return f"flag {error.option_name}: {trouble}"
    if extra := re.fullmatch(r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", message):
        return f'"{extra[1]}" is too much'
    if unknown := re.fullmatch(r"No such command '(.*?)'(?:\. Did you mean (.*)\?)?", message):
        return f'there is no command "{unknown[1]}"{_hint(re.findall("[a-z]+", unknown[2] or ""))}'
    return message


def _hint(similar: Sequence[str]) -> str:
    return f"; did you mean {similar[0]}?" if similar else ""
