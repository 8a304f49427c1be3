"""Rows by what they have in common, as they come."""

from batcher.core.distinct import Distinct, Group, Grouping


def test_rows_are_grouped_and_what_is_too_much_is_counted() -> None:
    grouping = Grouping(2)
    for line, value in enumerate(("a", "b", "a", "c", "c", "b"), start=2):
        grouping.add((value, None), line)

    groups = (Group(values=("a", None), rows=2, line=2), Group(values=("b", None), rows=2, line=3))
    assert grouping.distinct() == Distinct(groups=groups, rows_beyond=2)
