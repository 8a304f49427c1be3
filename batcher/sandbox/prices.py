"""
What a job costs here.

The prices are made up, in the range of the vendor's list: what matters is that the estimate, the cost of a job
and the money taken at its submission agree to the cent.
"""

from __future__ import annotations

from dataclasses import dataclass

from batcher.sandbox.job import Job, PrintOptions
from batcher.sandbox.reply import Fields

_POSTAGE_CENTS = {"first class": 58, "standard": 37, "non profit": 22, "certified mail": 689}
_OTHER_POSTAGE_CENTS = 74
# On top, for what machines cannot sort.
_NON_STANDARD_CENTS = 21
_ABROAD_CENTS = 165
_COLOR_CENTS = 33
_PLAIN_CENTS = 21


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """How many letters go which way."""

    standard: int
    non_standard: int = 0
    international: int = 0

    @property
    def all(self) -> int:
        """However they go."""
        return self.standard + self.non_standard + self.international


@dataclass(frozen=True, slots=True)
class Way:
    """One way of postage: its element in a reply, what a piece takes, and how many pieces go it."""

    name: str
    cents: int
    pieces: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What the pieces of one product cost, in whole cents; ``postage_cents`` is that of a standard piece."""

    pieces: Pieces
    postage_cents: int
    production_cents: int

    @property
    def ways(self) -> tuple[Way, ...]:
        """The postage, in the order of a reply."""
        return (
            Way("standardCost", self.postage_cents, self.pieces.standard),
            Way("nonStandardCost", self.postage_cents + _NON_STANDARD_CENTS, self.pieces.non_standard),
            Way("internationalCost", _ABROAD_CENTS, self.pieces.international),
        )

    @property
    def total_cents(self) -> int:
        """All of it; there is no tax on mail."""
        return self.pieces.all * self.production_cents + sum(way.pieces * way.cents for way in self.ways)


def price_of(options: PrintOptions, pieces: Pieces) -> Price:
    """The price of so many pieces."""
    return Price(
        pieces=pieces,
        postage_cents=_POSTAGE_CENTS.get(options.mail_class.lower(), _OTHER_POSTAGE_CENTS),
        production_cents=_COLOR_CENTS if options.color.lower() == "full color" else _PLAIN_CENTS,
    )


def price_of_job(job: Job) -> Price:
    """What submitting the job takes."""
    pieces = Pieces(standard=job.pieces - job.international, international=job.international)
    return price_of(job.options, pieces)


def breakdown(options: PrintOptions, price: Price) -> Fields:
    """
    The price in its parts (API reference, submit a job and check job cost).

    Every way of postage is there, also one that no piece goes; whether the remote leaves those out is not documented.
    """
    postage: Fields = tuple((way.name, _postage(options.mail_class, way)) for way in price.ways)
    production: Fields = (
        ("productionUnitCost", dollars(price.production_cents)),
        ("quantity", price.pieces.all),
        ("discountSubtotal", 0.0),
        ("subtotal", dollars(price.pieces.all * price.production_cents)),
    )
    return (*postage, ("productionCost", production))


def dollars(cents: int) -> float:
    """Cents as the replies show money."""
    return cents / 100


def _postage(mail_class: str, way: Way) -> Fields:
    return (
        ("postageName", mail_class),
        ("postageUnitCost", dollars(way.cents)),
        ("quantity", way.pieces),
        ("handlingFee", 0.0),
        ("subtotal", dollars(way.pieces * way.cents)),
    )
