"""What answers say of rows before they are sent: wrong is only what the vendor itself refuses by name."""

import pytest

from batcher.core.distinct import Group
from batcher.core.material import ListState, ListStatus
from batcher.core.outcome import Answer, Fault, FaultKind, Reply
from batcher.core.preflight import (
    Finding,
    Weight,
    is_refusal,
    judge_document,
    judge_list,
    judge_product,
    not_ready,
    refusal,
)
from batcher.core.product import Combination, Judgement, Standing, judge

SKU = Reply(http_status=400, code=9, description="Invalid product options. Sku not found.")
UNAUTHORIZED = Reply(http_status=400, code=9, description="Product not authorized for this customer")
SILENT = Fault(kind=FaultKind.TIMEOUT)
GOOD = Reply(http_status=200, code=0)


def group(*values: str | None, rows: int = 1, line: int = 3) -> Group:
    return Group(values=values, rows=rows, line=line)


def status(state: ListState | None, number: int = 1, words: str = "Mapped") -> ListStatus:
    return ListStatus(list_id=7, number=number, state=state, words=words)


@pytest.mark.parametrize(
    ("answer", "is_verdict"),
    [
        (Reply(http_status=400, code=9, description="Invalid input data."), True),
        (Reply(http_status=200, code=3, description="Address List ID not found"), True),
        (Reply(http_status=404, code=1, description="not there"), True),
        (Reply(http_status=200, code=0), False),
        (Reply(http_status=404), False),
        (Reply(http_status=400), False),
        (Reply(http_status=401, code=9), False),
        (Reply(http_status=403, code=9), False),
        (Reply(http_status=408, code=9), False),
        (Reply(http_status=429, code=9), False),
        (Reply(http_status=500, code=9), False),
        (Reply(http_status=200, code=9, job_id=5), False),
        (Reply(http_status=400, code=9, description="Not authenticated"), False),
        (SILENT, False),
    ],
)
def test_only_the_vendor_in_its_own_words_refuses(answer: Answer, is_verdict: bool) -> None:
    assert is_refusal(answer) is is_verdict


@pytest.mark.parametrize(
    ("answer", "weight"),
    [
        (status(ListState.READY), None),
        (status(ListState.PREPARING), Weight.NOT_READY),
        (status(ListState.BROKEN), Weight.WRONG),
        (status(None), Weight.DOUBTFUL),
        (SKU, Weight.WRONG),
    ],
)
def test_a_list(answer: ListStatus | Reply, weight: Weight | None) -> None:
    found = judge_list(group("7"), answer)

    assert (found and found.weight) == weight


def test_a_finding_says_which_rows_and_what_the_remote_said() -> None:
    found = judge_list(group("7", rows=1_201), status(ListState.BROKEN, number=9, words="Error"))

    assert found is not None
    assert found.line == (
        "line 3 and 1,200 more rows: addressId 7: the remote could not process this list (state 9, Error);"
        " upload it again"
    )


@pytest.mark.parametrize(
    ("listed", "weight"),
    [
        ("Postcard 5 x 8", None),
        (None, None),
        ("Postcard 5 X 8", Weight.DOUBTFUL),
        ("Postcard 5  x 8 ", Weight.DOUBTFUL),
        ("Postcard 6 x 11", Weight.WRONG),
    ],
)
def test_a_document(listed: str | None, weight: Weight | None) -> None:
    found = judge_document(group("42", "Postcard 5 x 8"), listed)

    assert (found and found.weight) == weight


def test_a_class_that_goes_by_several_names_is_only_doubtful() -> None:
    found = judge_document(group("42", "Priority Mail Letter 8.5 x 11"), "Priority Letter 8.5 x 11")

    assert found is not None
    assert found.weight is Weight.DOUBTFUL


MISSPELT = Judgement(standing=Standing.MISSPELT)
OFFERED = Judgement(standing=Standing.OFFERED)
ABSENT = Judgement(standing=Standing.NOT_OFFERED)


@pytest.mark.parametrize(
    ("listed", "estimate", "doubts", "weight"),
    [
        (OFFERED, None, ("odd",), None),
        (OFFERED, SKU, (), None),
        (ABSENT, GOOD, (), None),
        (None, GOOD, ("odd",), None),
        (MISSPELT, GOOD, (), Weight.DOUBTFUL),
        (ABSENT, SKU, (), Weight.WRONG),
        (MISSPELT, SKU, (), Weight.WRONG),
        (None, SKU, (), Weight.WRONG),
        (ABSENT, SILENT, (), Weight.DOUBTFUL),
        (ABSENT, None, (), Weight.DOUBTFUL),
        (MISSPELT, None, (), Weight.DOUBTFUL),
        (None, SILENT, ("odd",), Weight.DOUBTFUL),
        (None, SILENT, (), None),
        (ABSENT, Reply(http_status=400, code=9, description="Minimum Quantity is 200"), (), Weight.DOUBTFUL),
        (ABSENT, Reply(http_status=500, code=9, description="Sku not found"), (), Weight.DOUBTFUL),
        (ABSENT, Reply(http_status=400, code=9, description="Product not authorized for us"), (), Weight.WRONG),
    ],
)  # fmt: skip
def test_a_product(
    listed: Judgement | None, estimate: Answer | None, doubts: tuple[str, ...], weight: Weight | None
) -> None:
    """The list alone refuses nothing, and no more does the catalogue."""
    found = judge_product(group("Card"), listed, estimate, doubts)

    assert (found and found.weight) == weight


def test_a_wrong_product_names_the_nearest() -> None:
    ours = Combination.of({"documentClass": "Card", "layout": "Doubled"})
    listed = judge(ours, [Combination.of({"documentClass": "Card", "layout": "Double "})])
    found = judge_product(Group(values=ours.values, rows=1, line=2), listed, SKU, ())

    assert found is not None
    assert found.about == (
        'product "Card": the remote knows no such product (HTTP 400, code 9: Invalid product options. Sku not found.);'
        ' the nearest has layout "Double " instead of "Doubled"'
    )


def finding(weight: Weight, number: int = 7) -> Finding:
    return Finding(weight=weight, group=group(str(number)), about=f"addressId {number}: trouble")


def test_doubts_refuse_nothing_and_neither_do_lists_on_their_way() -> None:
    assert refusal("m.csv", [finding(Weight.DOUBTFUL), finding(Weight.NOT_READY)]) is None


def test_a_refusal_has_a_line_each() -> None:
    text = refusal("m.csv", [finding(Weight.WRONG, 7), finding(Weight.NOT_READY, 8), finding(Weight.DOUBTFUL, 9)])

    assert text is not None
    *lines, advice = text.splitlines()
    assert lines == [
        "m.csv: the remote would refuse 2 values in it; nothing was sent",
        "  line 3: addressId 7: trouble",
        "  line 3: addressId 8: trouble",
    ]
    assert "--amend" in advice
    assert "--no-preflight" in advice


def test_a_refusal_shows_the_first_ones_and_counts_the_rest() -> None:
    text = refusal("m.csv", [finding(Weight.WRONG, number) for number in range(1_025)])

    assert text is not None
    assert text.splitlines()[-2] == "  and 1,005 more"
    assert len(text.splitlines()) == 23


def test_lists_that_are_not_ready_are_named() -> None:
    assert not_ready([finding(Weight.WRONG)]) is None
    assert not_ready([finding(Weight.NOT_READY, number) for number in range(1, 8)]) == (
        "addressId 1, 2, 3, 4, 5 and 2 more"
    )
