"""Damaged documents as hypothesis draws them."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from .mutation import KINDS, Damage, do_damage

places = st.integers(0, 1000)
steps = st.lists(st.builds(Damage, st.integers(0, len(KINDS) - 1), places, places, st.integers(0, 9999)), max_size=4)


def damaged(documents: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """One of these documents with up to four faults in it."""
    return st.builds(do_damage, st.sampled_from(documents), steps)
