"""What the settings say about paying: the way, what belongs to it, and the limits."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batcher.click2mail.payment import payment_form
from batcher.core.bill import CostLimits
from batcher.core.errors import ConfigError
from batcher.core.money import read_money

if TYPE_CHECKING:
    from batcher.settings import Settings


def payment_of(settings: Settings) -> dict[str, str]:
    """
    The parameters of a submit. Never to be logged, or kept.

    Raises:
        ConfigError: No way to pay was named, or what belongs to it is not there or cannot be read.
    """
    if settings.billing_type is None:
        raise ConfigError("how is it paid? give --billing-type, like 'User Credit', Invoice or 'Credit Card'")
    if settings.payment is not None and settings.payment_file is not None:
        raise ConfigError("BATCHER_PAYMENT and BATCHER_PAYMENT_FILE are both set; leave one of the two")
    fields: dict[str, Any] = {}
    if settings.payment is not None:
        fields = _fields(settings.payment.get_secret_value(), settings.origin_of("payment"))
    elif settings.payment_file is not None:
        fields = _fields(_text(settings.payment_file), f"payment file {settings.payment_file}")
    return payment_form(settings.billing_type, fields)


def require_limit(settings: Settings) -> None:
    """
    Raises:
        ConfigError: A run is to submit without a person, and nobody said how it is paid or what it may cost.
    """
    if not settings.submit:
        return
    if settings.max_cost is None:
        raise ConfigError("--submit needs --max-cost: how much may the campaign cost in all?")
    payment_of(settings)


def cost_limits(settings: Settings) -> CostLimits:
    """The limits that the settings name."""
    return CostLimits(campaign_micros=read_money(settings.max_cost), job_micros=read_money(settings.max_cost_per_job))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(f"payment file {path}: {error.strerror or 'cannot be read'}") from error
    except UnicodeDecodeError:
        # Not chained: the error carries the bytes.
        raise ConfigError(f"payment file {path}: it is not UTF-8; save it as UTF-8") from None


def _fields(text: str, place: str) -> dict[str, Any]:
    """What a JSON object or TOML says; errors are not chained, because they carry the text."""
    try:
        found = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (ValueError, RecursionError):
        raise ConfigError(f'{place}: it is no JSON object like {{"billingName": "..."}}, and no TOML') from None
    return dict(found)
