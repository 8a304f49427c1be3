"""
The product catalogue, and what any combination would cost.

In a strict world it is complete; otherwise more can be ordered than is listed.
"""

from __future__ import annotations

from batcher.sandbox import verdicts
from batcher.sandbox.call import Call
from batcher.sandbox.job import REQUIRED_OPTIONS, PrintOptions, print_options
from batcher.sandbox.parameters import number_in
from batcher.sandbox.prices import Pieces, breakdown, dollars, price_of
from batcher.sandbox.products import PRODUCTS
from batcher.sandbox.reply import Fields, Reply, refusal
from batcher.sandbox.validity import find_unknown_product
from batcher.sandbox.world import World


def list_product_options(_world: World, call: Call) -> Reply:
    """
    The combinations of one document class, or of all.

    No document shows whether an option of the remote names its class and its production time; these do.
    """
    wanted = call.parameters.get("documentClass")
    options = [_entry(product) for product in PRODUCTS if wanted in (None, "", product.document_class)]
    return Reply(200, "productOptions", (("product", (("option", options),)),))


def estimate_cost(world: World, call: Call) -> Reply:
    """What a job of these options would cost, without making it (API reference, cost estimate)."""
    verdict = None if all(name in call.parameters for name in REQUIRED_OPTIONS) else verdicts.PARAMETER_MISSING
    verdict = verdict or find_unknown_product(call.parameters, world)
    if verdict is not None:
        return refusal("costEstimate", verdict)
    options = print_options(call.parameters)
    pieces = Pieces(
        standard=number_in(call.parameters, "quantity", otherwise=1),
        non_standard=number_in(call.parameters, "nonStandardQuantity"),
        international=number_in(call.parameters, "internationalQuantity"),
    )
    price = price_of(options, pieces)
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
