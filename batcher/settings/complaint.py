"""One line about a value that cannot be used, from what pydantic says of it. Never with a secret in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from batcher.core.errors import ConfigError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_NOT_SHOWN: Final = frozenset(
    # What holds credentials, may hold them by mistake (as an address or a DSN does), or comes from the letters.
    {"username", "password", "password_file", "payment", "payment_file", "base_url", "ledger", "map", "set", "keep"}
)
_SHOWN_CHARACTERS: Final = 40
_WORDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("bool_parsing", "bool_type"), "is neither true nor false"),
    **dict.fromkeys(("int_parsing", "int_type", "int_from_float", "int_parsing_size"), "is no whole number"),
    **dict.fromkeys(("string_type", "path_type"), "is no text; put it in quotes"),
    "string_too_short": "is empty",
    "string_unicode": "is not UTF-8",
}
"""What pydantic finds wrong, in words that follow the value."""


def complaint(error: ValidationError, values: Mapping[str, object], origins: Mapping[str, str]) -> ConfigError:
    """What is wrong with the first of the values, where that stands, and how many more there are."""
    problems = error.errors(include_url=False, include_input=False)
    name = str(problems[0]["loc"][0])
    origin = origins.get(name, "default")
    place = f"{origin}: {name}" if origin.startswith(("file", "secrets")) else origin
    value = "the value" if name in _NOT_SHOWN else _shown(values.get(name))
    more = "" if len(problems) == 1 else f" (and {len(problems) - 1} more)"
    return ConfigError(f"{place}: {value} {_words(problems[0])}{more}")


def _shown(value: object) -> str:
    try:
        text = str(value)
    except ValueError:  # Python does not write out a number of thousands of digits
        return "the number"
    short = text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"
    return f'"{on_one_line(short)}"'


def on_one_line(text: object) -> str:
    """A text or path as a message may show it: what is not printable, line ends among it, is escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in str(text))


def _words(problem: ErrorDetails) -> str:
    context = problem.get("ctx", {})
    match problem["type"]:
        case "value_error":
            return str(context["error"])
        case "literal_error":
            return f"is none of {context['expected']}"
        case "greater_than":
            return f"must be more than {context['gt']:g}"
        case "greater_than_equal":
            return f"is too small; {context['ge']} is the least"
        case "less_than_equal":
            return f"is too large; {context['le']} is the most"
        case kind:
            return _WORDS.get(kind, "is not of a kind that this setting takes")
