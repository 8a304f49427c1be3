"""
How a submit is paid for: ``billingType`` and what belongs to it. API reference, "Submit a job".

It may hold a card's number, so nothing of it is ever shown: messages name fields, never their contents.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from batcher.core.errors import ConfigError

CARD: Final = "Credit Card"
_WALLETS: Final = frozenset({"Apple Pay", "Google Pay"})
_CARD_FIELDS: Final = (
    "billingName",
    "billingAddress1",
    "billingCity",
    "billingState",
    "billingZip",
    "billingNumber",
    "billingMonth",
    "billingYear",
    "billingCvv",
    "billingCcType",
)
_OTHER_FIELDS: Final = (
    *("billingCompany", "billingAddress2", "billingAddress3", "billingCountry", "couponCode", "opaqueDataValue", "CoM"),
    *("shipName", "shipOrganization", "shipAddress1", "shipaddress2", "shipCity", "shipState", "shipZip"),
    *("shipCountry", "shipperName", "shipMethod"),
)


def payment_form(billing_type: str, fields: Mapping[str, object]) -> dict[str, str]:
    """
    The parameters of a submit.

    Raises:
        ConfigError: A field is unknown or no text, or one is missing without which the vendor refuses every job.
    """
    unknown = sorted(set(fields) - {*_CARD_FIELDS, *_OTHER_FIELDS})
    if unknown:
        raise ConfigError(f"payment: {unknown[0]} is no field of a submit; it has {', '.join(_CARD_FIELDS)} and others")
    texts = {name: value for name, value in fields.items() if isinstance(value, str) and value}
    if odd := sorted(fields.keys() - texts.keys()):
        raise ConfigError(f"payment: {odd[0]} must be a text, in quotes, and not empty")
    needed = _CARD_FIELDS if billing_type == CARD else ("opaqueDataValue",) if billing_type in _WALLETS else ()
    if missing := [name for name in needed if name not in texts]:
        raise ConfigError(
            f"payment: {billing_type} needs {', '.join(missing)}; put them into BATCHER_PAYMENT, a JSON object, or into"
            " a file that BATCHER_PAYMENT_FILE names"
        )
    return {"billingType": billing_type, **texts}
