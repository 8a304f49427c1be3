"""Money as whole millionths of a dollar ("micros"): prices have more digits than cents, and sums must be exact."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Decimal
from typing import Final

_MICROS: Final = 1_000_000
_AMOUNT: Final = re.compile(r"\s*(-?)\$?([0-9]{1,12})(?:\.([0-9]{0,30}))?\s*", re.ASCII)


def read_money(text: str | None) -> int | None:
    """
    The micros that an amount in dollars is (``0.79``, ``12``, ``-3.5``), rounded up; None for no amount.
    """
    match = _AMOUNT.fullmatch(text or "")
    if match is None:
        return None
    exact = Decimal(f"{match[1]}{match[2]}.{match[3] or '0'}") * _MICROS
    return int(exact.to_integral_value(ROUND_CEILING))


def money_words(micros: int) -> str:
    """``790.00``, ``0.5834``: two digits behind the point, and more only where there are any."""
    whole, _, digits = plain_money(micros).partition(".")
    return f"{int(whole):,}.{digits}" if whole != "-0" else f"-0.{digits}"


def plain_money(micros: int) -> str:
    """The same for programs and spreadsheets: no marks between thousands."""
    sign, (whole, rest) = "-" if micros < 0 else "", divmod(abs(micros), _MICROS)
    return f"{sign}{whole}.{f'{rest:06d}'.rstrip('0').ljust(2, '0')}"
