import csv
from pathlib import Path

import pytest

from batcher.sandbox.job import print_options
from batcher.sandbox.products import is_listed
from tests.sandbox.caller import LETTER, Caller
from tests.sandbox.conftest import OpenSandbox

EXAMPLES = Path(__file__).parents[2] / "config" / "examples"
SKU_NOT_FOUND = (400, 9, "Invalid product options. Sku not found.")


async def test_products_of_one_class(caller: Caller) -> None:
    """Every option is one whole combination; the color is called printColor."""
    heard = await caller.get("/productOptions", documentClass="Postcard 4.25 x 6", skipBulkPrint="true")

    [option] = heard.xml.findall("product/option")
    assert {child.tag: child.text or "" for child in option} == {
        "documentClass": "Postcard 4.25 x 6",
        "layout": "Picture Postcard",
        "productionTime": "Next Day",
        "envelope": "",
        "printOption": "Printing both sides",
        "printColor": "Full Color",
        "paperType": "White Matte with Gloss UV Finish",
        "mailClass": "First Class",
    }


async def test_all_products_and_none(caller: Caller) -> None:
    """Without a class all are listed, of an unknown class none."""
    assert len((await caller.get("/productOptions/")).xml.findall("product/option")) > 10
    assert (await caller.get("/productOptions", documentClass="Scroll")).xml.findall("product/option") == []


async def test_an_estimate_agrees_with_the_job(caller: Caller) -> None:
    """The same options and pieces cost the same."""
    estimate = await caller.get("/costEstimate", **LETTER, quantity="3", paymentType="User Credit")
    cost = await caller.get(f"/jobs/{await caller.created(quantity='3')}/cost")

    assert (estimate.http, estimate["status"]) == (200, "0")
    assert estimate["cost"] == cost["cost"] == "2.37"
    assert estimate["productionCost/quantity"] == "3"


async def test_an_estimate_makes_nothing_and_refuses_what_a_job_refuses(caller: Caller) -> None:
    """A way to try out a combination."""
    refused = await caller.get("/costEstimate", **{**LETTER, "productionTime": "Next Business Day"})
    missing = await caller.get("/costEstimate", documentClass="Letter 8.5 x 11")

    assert refused.verdict == SKU_NOT_FOUND
    assert missing.verdict == (400, 9, "One of the required parameters is missing.")
    assert caller.world.jobs == {}


async def test_an_estimate_for_all_ways_of_postage(caller: Caller) -> None:
    """Three quantities, and a part of the cost for each."""
    quantities = {"quantity": "2", "nonStandardQuantity": "3", "internationalQuantity": "1"}

    heard = await caller.get("/costEstimate", **LETTER, **quantities)

    ways = ("standardCost", "nonStandardCost", "internationalCost", "productionCost")
    parts = [(heard[f"{way}/quantity"], heard[f"{way}/subtotal"]) for way in ways]
    assert parts == [("2", "1.16"), ("3", "2.37"), ("1", "1.65"), ("6", "1.26")]
    assert heard["cost"] == "6.44"


async def test_only_a_strict_world_has_no_more_than_it_lists(open_sandbox: OpenSandbox) -> None:
    """There a combination that is not listed is refused, for a job as for an estimate; case aside."""
    world, strict = await open_sandbox(), await open_sandbox(strict=True)
    unlisted = {**LETTER, "paperType": "Canary 24#"}

    assert (await world.get("/costEstimate", **unlisted))["status"] == "0"
    assert (await world.create(**unlisted)).http == 201
    assert (await strict.get("/costEstimate", **unlisted)).verdict == SKU_NOT_FOUND
    assert (await strict.create(**unlisted)).verdict == SKU_NOT_FOUND
    assert (await strict.get("/costEstimate", **{**LETTER, "printOption": "Printing One Side"}))["status"] == "0"


@pytest.mark.parametrize("name", ["campaign.csv", "rejections.csv"])
def test_the_products_of_the_examples_are_listed(name: str) -> None:
    """All but the one that the remote refuses."""
    with (EXAMPLES / name).open(newline="") as lines:
        products = {print_options(row) for row in csv.DictReader(lines)}

    unlisted = {product.production_time for product in products if not is_listed(product)}

    assert unlisted == ({"Next Business Day"} if name == "rejections.csv" else set())
