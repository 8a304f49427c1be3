from tests.sandbox.caller import LETTER, Caller


async def test_products_of_one_class(caller: Caller) -> None:
    """Every option is one whole combination; the color is called printColor."""
    heard = await caller.get("/productOptions", documentClass="Postcard 5 x 8", skipBulkPrint="true")

    [option] = heard.xml.findall("product/option")
    assert {child.tag: child.text or "" for child in option} == {
        "documentClass": "Postcard 5 x 8",
        "layout": "Double Sided Postcard",
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

    assert refused.verdict == (400, 9, "Invalid product options. Sku not found.")
    assert missing.verdict == (400, 9, "One of the required parameters is missing.")
    assert caller.world.jobs == {}
