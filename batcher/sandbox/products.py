"""
The products that are listed: combinations that clients really order.

The real catalogue is larger and differs by account. So a job of another combination is refused in a strict world only.
"""

from __future__ import annotations

from collections.abc import Iterator

from batcher.sandbox.job import PrintOptions

_GLOSS = "White Matte with Gloss UV Finish"
_ONE, _BOTH = "Printing One side", "Printing both sides"
_PLAIN, _COLOR = "Black and White", "Full Color"


def _letters(layout: str, envelope: str) -> Iterator[PrintOptions]:
    for color in (_PLAIN, _COLOR):
        for sides in (_ONE, _BOTH):
            yield PrintOptions(
                "Letter 8.5 x 11", layout, "Next Day", envelope, color, "White 24#", sides, "First Class"
            )


def _certified(sides: str) -> PrintOptions:
    return PrintOptions(
        document_class="Certified Letter 8.5 x 11",
        layout="Address on Separate Page",
        production_time="Next Day",
        envelope="Certified Mail Letter Envelope",
        color=_PLAIN,
        paper_type="White 24#",
        print_option=sides,
        mail_class="Certified Mail",
    )


def _postcard(size: str, layout: str, paper: str = _GLOSS, mail_class: str = "First Class") -> PrintOptions:
    return PrintOptions(f"Postcard {size}", layout, "Next Day", "", _COLOR, paper, _BOTH, mail_class)


PRODUCTS = (
    *_letters("Address on Separate Page", "#10 Double Window"),
    *_letters("Address on First Page", "#10 Double Window"),
    *_letters("Address on First Page", "Flat Envelope"),
    *_letters("Picture and Address First Page", "#10 Open Window Envelope"),
    _certified(_ONE),
    _certified(_BOTH),
    _postcard("5 x 8", "Double Sided Postcard"),
    _postcard("5 x 8", "Double Sided Postcard", "White Matte"),
    _postcard("6 x 11", "Double Sided Postcard", mail_class="Standard"),
    _postcard("4.25 x 6", "Picture Postcard"),
)

_LISTED = frozenset(tuple(value.strip().lower() for value in product) for product in PRODUCTS)


def is_listed(options: PrintOptions) -> bool:
    """
    Whether the combination is one of them.

    Case aside: working clients write one option in three ways. And an envelope of one blank is none.
    """
    return tuple(value.strip().lower() for value in options) in _LISTED
