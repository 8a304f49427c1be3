"""Who may come in, and what they have to spend."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64

from batcher.sandbox import verdicts
from batcher.sandbox.billing import find_card_fault
from batcher.sandbox.call import Call
from batcher.sandbox.materials import Credit
from batcher.sandbox.prices import dollars
from batcher.sandbox.reply import Reply, refusal
from batcher.sandbox.world import World

_LEAST_PURCHASE_CENTS = 10_00


def is_admitted(authorization: str, required: str | None) -> bool:
    """
    Whether an Authorization header opens the door.

    Args:
        required: ``user:password``; None admits any, but not a caller without credentials.
    """
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        given = b64decode(encoded.strip(), validate=True)
    except (NotBase64, ValueError):
        return False
    return b":" in given if required is None else given == required.encode()


def authorize(_world: World, _call: Call) -> Reply:
    """A call for nothing but to learn whether the credentials are good: who gets here has them."""
    return Reply(200, "account", (("status", 0), ("description", "Success")))


def show_credit(world: World, _call: Call) -> Reply:
    """The prepaid balance (API reference, check credit)."""
    return Reply(200, "credit", (("balance", dollars(world.credit_cents)), ("allowNegative", "false")))


def purchase_credit(world: World, call: Call) -> Reply:
    """More of it, by card; at least ten dollars (API reference, purchase credit)."""
    try:
        cents = round(float(call.parameters.get("billingAmount", "")) * 100)
    except (ValueError, OverflowError):
        return refusal("credit", verdicts.PARAMETER_MISSING)
    verdict = find_card_fault(call.parameters)
    if verdict is None and cents < _LEAST_PURCHASE_CENTS:
        verdict = verdicts.PURCHASE_TOO_SMALL
    if verdict is not None:
        return refusal("credit", verdict)
    world.record(Credit(cents=world.credit_cents + cents))
    return Reply(
        201,
        "credit",
        (
            ("status", 0),
            ("description", "Success"),
            ("balance", dollars(world.credit_cents)),
        ),
    )
