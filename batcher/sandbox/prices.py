"""
What a job costs here.

The prices are made up, in the range of the vendor's list: what matters is that the estimate, the cost of a job
and the money taken at its submission agree to the cent.
"""

from __future__ import annotations

from dataclasses import dataclass

from batcher.sandbox.job import PrintOptions
from batcher.sandbox.reply import Fields

_POSTAGE_CENTS = {"first class": 58, "standard": 37, "non profit": 22, "certified mail": 689}
_OTHER_POSTAGE_CENTS = 74
_COLOR_CENTS = 33
_PLAIN_CENTS = 21


@dataclass(frozen=True, slots=True)
class Price:
    """What so many pieces of one product cost, in whole cents."""

    pieces: int
    postage_cents: int
    production_cents: int

    @property
    def total_cents(self) -> int:
        """All of it; there is no tax on mail."""
        return self.pieces * (self.postage_cents + self.production_cents)


def price_of(options: PrintOptions, pieces: int) -> Price:
    """The price of so many pieces."""
    postage = _POSTAGE_CENTS.get(options.mail_class.lower(), _OTHER_POSTAGE_CENTS)
    production = _COLOR_CENTS if options.color.lower() == "full color" else _PLAIN_CENTS
    return Price(pieces, postage, production)


def breakdown(options: PrintOptions, price: Price) -> Fields:
    """The price in its parts, named as a submit reply names them (API reference, submit a job)."""
    postage: Fields = (
        ("postageName", options.mail_class),
        ("postageUnitCost", dollars(price.postage_cents)),
        ("quantity", price.pieces),
        ("handlingFee", 0.0),
        ("subtotal", dollars(price.pieces * price.postage_cents)),
    )
    production: Fields = (
        ("productionUnitCost", dollars(price.production_cents)),
        ("quantity", price.pieces),
        ("discountSubtotal", 0.0),
        ("subtotal", dollars(price.pieces * price.production_cents)),
    )
    return (("standardCost", postage), ("productionCost", production))


def dollars(cents: int) -> float:
    """Cents as the replies show money."""
    return cents / 100
