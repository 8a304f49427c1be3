"""Any workbook gives rows or problems, and the cells that its sheet has."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from .corpus import workbooks
from .mutation import Damage, do_damage
from .strategies import steps
from .workbooks import PARTS, SHEET, check_workbook, packed

WORKBOOKS = workbooks()
NAMED = [(parts, number) for parts in WORKBOOKS for number, name in enumerate(PARTS) if name in parts]
PLAIN = WORKBOOKS[0][SHEET]


@pytest.mark.parametrize("number", range(len(WORKBOOKS)))
def test_valid_workbooks_are_read(number: int) -> None:
    parts = WORKBOOKS[number]
    check_workbook(b"\0" + parts[SHEET], parts)
    check_workbook(bytes([len(PARTS)]) + packed(parts), parts)


@settings(max_examples=200, deadline=None)
@given(steps)
@example([])
def test_damage_to_a_sheet(damage: list[Damage]) -> None:
    check_workbook(b"\0" + do_damage(PLAIN, damage), WORKBOOKS[0])


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(NAMED), steps)
def test_damage_to_a_part_of_a_workbook(named: tuple[dict[str, bytes], int], damage: list[Damage]) -> None:
    parts, number = named
    check_workbook(bytes([number]) + do_damage(parts[PARTS[number]], damage), parts)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(WORKBOOKS), steps)
def test_damage_to_the_file(parts: dict[str, bytes], damage: list[Damage]) -> None:
    check_workbook(bytes([len(PARTS)]) + do_damage(packed(parts), damage), parts)
