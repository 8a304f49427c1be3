"""
Products: a few combinations that clients really order, and what any combination would cost.

The real catalogue is larger and differs by account, so this one is not used to refuse a job.
"""

from __future__ import annotations

from batcher.sandbox import verdicts
from batcher.sandbox.call import Call
from batcher.sandbox.job import REQUIRED_OPTIONS, PrintOptions, print_options
from batcher.sandbox.parameters import number_in
from batcher.sandbox.prices import breakdown, dollars, price_of
from batcher.sandbox.reply import Fields, Reply, refusal
from batcher.sandbox.validity import find_unknown_product
from batcher.sandbox.world import World

_LETTER = "Letter 8.5 x 11"
_SEPARATE = "Address on Separate Page"
_FIRST = "Address on First Page"
_GLOSS = "White Matte with Gloss UV Finish"
_ONE, _BOTH = "Printing One side", "Printing both sides"
_PLAIN, _COLOR = "Black and White", "Full Color"

_PRODUCTS = (
    *(
        PrintOptions(_LETTER, layout, "Next Day", "#10 Double Window", color, "White 24#", sides, "First Class")
        for layout in (_SEPARATE, _FIRST)
        for color in (_PLAIN, _COLOR)
        for sides in (_ONE, _BOTH)
    ),
    *(
        PrintOptions(
            "Certified Letter 8.5 x 11",
            _SEPARATE,
            "Next Day",
            "Certified Mail Letter Envelope",
            _PLAIN,
            "White 24#",
            sides,
            "Certified Mail",
        )
        for sides in (_ONE, _BOTH)
    ),
    PrintOptions("Postcard 5 x 8", "Double Sided Postcard", "Next Day", "", _COLOR, _GLOSS, _BOTH, "First Class"),
    PrintOptions("Postcard 6 x 11", "Double Sided Postcard", "Next Day", "", _COLOR, _GLOSS, _BOTH, "Standard"),
    PrintOptions("Postcard 4.25 x 6", "Picture Postcard", "Next Day", "", _COLOR, _GLOSS, _BOTH, "First Class"),
)


def list_product_options(_world: World, call: Call) -> Reply:
    """The combinations of one document class, or of all."""
    wanted = call.parameters.get("documentClass")
    options = [_entry(product) for product in _PRODUCTS if wanted in (None, "", product.document_class)]
    return Reply(200, "productOptions", (("product", (("option", options),)),))


def estimate_cost(_world: World, call: Call) -> Reply:
    """What a job of these options would cost, without making it (API reference, cost estimate)."""
    verdict = None if all(name in call.parameters for name in REQUIRED_OPTIONS) else verdicts.PARAMETER_MISSING
    verdict = verdict or find_unknown_product(call.parameters)
    if verdict is not None:
        return refusal("costEstimate", verdict)
    options = print_options(call.parameters)
    price = price_of(options, number_in(call.parameters, "quantity", otherwise=1))
    return Reply(
        200,
        "costEstimate",
        (
            ("status", 0),
            ("description", "Success"),
            ("cost", dollars(price.total_cents)),
            *breakdown(options, price),
        ),
    )


def _entry(product: PrintOptions) -> Fields:
    # The catalogue says printColor where a job says color.
    return (
        ("documentClass", product.document_class),
        ("layout", product.layout),
        ("productionTime", product.production_time),
        ("envelope", product.envelope),
        ("printOption", product.print_option),
        ("printColor", product.color),
        ("paperType", product.paper_type),
        ("mailClass", product.mail_class),
    )
