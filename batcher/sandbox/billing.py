"""How a job or a credit is paid for: the checks both calls share."""

from __future__ import annotations

from collections.abc import Mapping

from batcher.sandbox import verdicts
from batcher.sandbox.parameters import is_number
from batcher.sandbox.verdicts import Verdict

CARD = "Credit Card"
USER_CREDIT = "User Credit"
_WALLETS = ("Apple Pay", "Google Pay")
_BILLING_TYPES = (CARD, "Invoice", "ACH", USER_CREDIT, *_WALLETS)
_CARD_PARAMETERS = (
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
# The shortest and the longest card number there is; anything else is declined, and so is the number that
# card processors keep for trying out a decline.
_CARD_DIGITS = range(12, 20)
_DECLINED_CARD = "4000000000000002"


def find_billing_fault(parameters: Mapping[str, str]) -> Verdict | None:
    """What is wrong with the way of payment of a submit call, or None."""
    billing_type = parameters.get("billingType")
    if not billing_type:
        return verdicts.PARAMETER_MISSING
    if billing_type not in _BILLING_TYPES:
        return verdicts.BILLING_TYPE_UNKNOWN
    if billing_type == CARD:
        return find_card_fault(parameters)
    if billing_type in _WALLETS and not parameters.get("opaqueDataValue"):
        return verdicts.PARAMETER_MISSING
    return None


def find_card_fault(parameters: Mapping[str, str]) -> Verdict | None:
    """What is wrong with the card, or None."""
    if not all(parameters.get(name) for name in _CARD_PARAMETERS):
        return verdicts.PARAMETER_MISSING
    number = parameters["billingNumber"]
    # 19 digits is one more than is_number takes for an id.
    good = len(number) in _CARD_DIGITS and is_number(number[:18]) and is_number(number[-1])
    return None if good and number != _DECLINED_CARD else verdicts.PAYMENT_NOT_AUTHORIZED
