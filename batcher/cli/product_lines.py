"""What is said of products: values in quotes, so that every blank of them can be seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from batcher.click2mail.catalogue import shipped_catalogue
from batcher.core.catalogue import Catalogue
from batcher.core.distinct import Distinct
from batcher.core.errors import ConfigError, Exit
from batcher.core.outcome import in_words
from batcher.core.preflight import Resolution, where
from batcher.core.product import OPTION_FIELDS, Combination, Difference, Standing, judge, most_similar, quoted
from batcher.dispatch.product_inquiry import Told

from .show import note, say, say_json


def show_classes(counts: Mapping[str, int], *, as_json: bool) -> Exit:
    """Document classes with the number of combinations that are known of each."""
    names = sorted(counts)
    if as_json:
        say_json({"classes": [{"documentClass": name, "combinations": counts[name]} for name in names]})
        return Exit.OK
    width = max((len(quoted(name)) for name in names), default=0)
    for name in names:
        say(f"{quoted(name):<{width}}  {_combination_words(counts[name])}")
    return Exit.OK


def show_options(
    document_class: str, offered: Iterable[Combination], catalogue: Catalogue, *, offline: bool, as_json: bool
) -> Exit:
    """
    The options of one class.

    Raises:
        ConfigError: nothing is known of that class.
    """
    combinations = [one for one in offered if one.document_class == document_class]
    values = {field: _values(field, combinations) for field in OPTION_FIELDS[1:]}
    if offline:
        values = {field: sorted(catalogue.values_of(document_class, field)) for field in values}
    if not any(values.values()):
        near = most_similar(document_class, catalogue.classes())
        hint = f"; the most similar that is known is {quoted(near)}" if near else ""
        raise ConfigError(f"nothing is known of a document class {quoted(document_class)}{hint}")
    if as_json:
        listed = [one.named() for one in combinations]
        say_json({"documentClass": document_class, "options": values, "combinations": listed})
        return Exit.OK
    for field, known in values.items():
        if known:
            say("\n".join([field, *(f"  {quoted(value)}" for value in known)]))
    say(f"{_combination_words(len(combinations))} of them {'seen' if offline else 'offered'}; --json lists every one")
    return Exit.OK


def show_doubts(given: Combination, catalogue: Catalogue, *, as_json: bool) -> Exit:
    """What the shipped catalogue says of a combination; it knows too little to call anything wrong."""
    doubts = catalogue.doubts(given)
    nearest = judge(given, catalogue.combinations.get(given.document_class or "", ())).nearest
    _show("doubtful" if doubts else "seen", None, nearest, doubts, as_json=as_json)
    return Exit.OK


def product_doubts(products: Distinct) -> list[str]:
    """What is odd about the products of a manifest, a line for each combination: values as in ``OPTION_FIELDS``."""
    catalogue = shipped_catalogue()
    judged = [(group, catalogue.doubts(Combination(group.values))) for group in products.groups]
    return [f"{where(group)}: {'; '.join(doubts)}" for group, doubts in judged if doubts]


def show_told(told: Told, *, as_json: bool) -> Exit:
    """What the remote says of a combination."""
    nearest = () if told.listed is None else told.listed.nearest
    said = None if told.estimate is None else in_words(told.estimate)
    if told.resolution is Resolution.UNKNOWN:
        _show("unknown", said, nearest, (), as_json=as_json)
        return Exit.MANIFEST
    if told.listed is not None and told.listed.standing is Standing.OFFERED:
        _show("offered", said, (), (), as_json=as_json)
    elif told.listed is not None and told.listed.standing is Standing.MISSPELT:
        _show("misspelt", said, nearest, ("the remote lists it in another spelling",), as_json=as_json)
    elif told.resolution is Resolution.RESOLVES:
        _show("resolves", said, (), (), as_json=as_json)
    else:
        _show("doubtful", said, nearest, ("it is not among what the remote lists",), as_json=as_json)
    return Exit.OK


def _values(field: str, combinations: Iterable[Combination]) -> list[str]:
    at = OPTION_FIELDS.index(field)
    return sorted({value for one in combinations if (value := one.values[at]) is not None})


def _combination_words(count: int) -> str:
    return {0: "no whole combination", 1: "1 combination"}.get(count, f"{count:,} combinations")


def _show(
    standing: str,
    said: str | None,
    nearest: tuple[tuple[Difference, ...], ...],
    doubts: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    for doubt in doubts:
        note(f"warning: {doubt}")
    if as_json:
        near: list[Any] = [
            [{"field": one.field, "given": one.given, "offered": one.offered} for one in found] for found in nearest
        ]
        say_json({"standing": standing, "said": said, "nearest": near, "doubts": list(doubts)})
        return
    say(standing if said is None else f"{standing} ({said})")
    for found in nearest:
        say(f"nearest  {' and '.join(map(str, found))}")
