"""The different values of rows that are still to be sent, all questions in one go."""

from __future__ import annotations

import pytest

from batcher.core.distinct import Distinct, Group
from batcher.core.errors import LoadInterrupted
from batcher.core.row import ManifestRow
from batcher.core.states import State
from batcher.ledger.protocol import Ledger
from tests.contracts.ledger.asking import withdraw
from tests.ledger.builders import bring, load, manifest_row


def rows(*parameters: dict[str, str]) -> list[ManifestRow]:
    return [manifest_row(number, parameters=given) for number, given in enumerate(parameters, start=1)]


async def test_rows_that_agree_are_one_group_with_the_line_of_the_first(ledger: Ledger) -> None:
    campaign = await load(ledger, rows({"addressId": "7"}, {"addressId": "5"}, {"addressId": "7"}))

    assert await ledger.distinct_to_send(campaign, [("addressId",)], limit=10) == [
        Distinct(groups=(Group(values=("7",), rows=2, line=2), Group(values=("5",), rows=1, line=3)))
    ]


async def test_several_questions_about_several_fields(ledger: Ledger) -> None:
    campaign = await load(
        ledger, rows({"layout": "A", "color": "A"}, {"layout": "A", "color": "B"}, {"color": "B", "addressId": "1"})
    )
    lists, pairs = await ledger.distinct_to_send(campaign, [("addressId",), ("layout", "color")], limit=10)

    assert lists.groups == (Group(values=(None,), rows=2, line=2), Group(values=("1",), rows=1, line=4))
    assert [group.values for group in pairs.groups] == [("A", "A"), ("A", "B"), (None, "B")]


@pytest.mark.parametrize(
    "value", ["", " ", "Easy  Letter ", "White Matte – MS", 'a "quoted" \\ one', "00123", "\U0001f4ee"]
)
async def test_values_come_out_byte_for_byte(ledger: Ledger, value: str) -> None:
    campaign = await load(ledger, rows({"layout": value, "color": "x"}))
    one, two = await ledger.distinct_to_send(campaign, [("layout",), ("layout", "color")], limit=10)

    assert (one.groups[0].values, two.groups[0].values) == ((value,), (value, "x"))


async def test_what_is_too_much_is_counted(ledger: Ledger) -> None:
    campaign = await load(ledger, rows(*({"addressId": str(number % 4)} for number in range(10))))
    (found,) = await ledger.distinct_to_send(campaign, [("addressId",)], limit=3)

    assert [group.values for group in found.groups] == [("0",), ("1",), ("2",)]
    assert (sum(group.rows for group in found.groups), found.rows_beyond) == (8, 2)


async def test_only_rows_that_a_run_would_send_count(ledger: Ledger) -> None:
    """A failed row gets fresh tries; all others are at rest, or not known to be."""
    states = [state for state in State if state is not State.WITHDRAWN]
    campaign = await load(ledger, len(states) + 1)
    for number, state in enumerate(states, start=1):
        await bring(ledger, campaign, number, state)
    await withdraw(ledger, campaign, len(states) + 1, len(states) + 1)
    (found,) = await ledger.distinct_to_send(campaign, [("documentId",)], limit=100)

    sent = [number for number, state in enumerate(states, start=1) if state in {State.PENDING, State.FAILED}]
    assert [group.values for group in found.groups] == [(str(1000 + number),) for number in sent]


async def test_other_campaigns_do_not_count(ledger: Ledger) -> None:
    await load(ledger, 3, "other")
    campaign = await load(ledger, rows({"addressId": "9"}))
    (found,) = await ledger.distinct_to_send(campaign, [("addressId",)], limit=10)

    assert found == Distinct(groups=(Group(values=("9",), rows=1, line=2),))


async def test_it_can_be_broken_off(ledger: Ledger) -> None:
    campaign = await load(ledger, 3)

    with pytest.raises(LoadInterrupted):
        await ledger.distinct_to_send(campaign, [("addressId",)], limit=10, is_stopped=lambda: True)
    assert await ledger.counts(campaign) == (3, {"pending": 3})
