"""
A catalogue of what has been seen: whole combinations, and single values.

It is never complete: the remote's own differs by account and changes. So what stands in it is a good sign, and what
does not is a reason to look, never a verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .product import OPTION_FIELDS, Combination, Standing, judge, most_similar, plain, quoted

Values = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """
    ``combinations`` by document class, ``options`` by document class and field, ``anywhere`` by field: values that were
    seen without a class, those of ``documentClass`` among them.
    """

    combinations: Mapping[str, tuple[Combination, ...]]
    options: Mapping[str, Values]
    anywhere: Values

    def classes(self) -> tuple[str, ...]:
        """Every document class that was seen, in alphabetical order."""
        return tuple(sorted({*self.combinations, *self.options, *self.anywhere.get("documentClass", ())}))

    def all_combinations(self) -> tuple[Combination, ...]:
        """Of all classes."""
        return tuple(one for found in self.combinations.values() for one in found)

    def values_of(self, document_class: str, field: str) -> tuple[str, ...]:
        """The values seen with that class, each once; none for a class of which only the name is known."""
        at = OPTION_FIELDS.index(field)
        seen = [combination.values[at] for combination in self.combinations.get(document_class, ())]
        listed = self.options.get(document_class, {}).get(field, ())
        return tuple(dict.fromkeys([*listed, *(value for value in seen if value is not None)]))

    def doubts(self, given: Combination) -> tuple[str, ...]:
        """What is doubtful about a combination, a line each; none where all of it was seen together."""
        name = given.document_class
        if name is None:
            return ()
        if name not in self.classes():
            return (_doubt("documentClass", name, self.classes(), "was never seen"),)
        return tuple(self._odd_values(given, name)) or self._odd_combination(given, name)

    def _odd_values(self, given: Combination, name: str) -> Iterator[str]:
        for field, value in list(given.named().items())[1:]:
            known = self.values_of(name, field) or self.anywhere.get(field, ())
            if known and value not in known:
                yield _doubt(field, value, known, "was never seen with this class")

    def _odd_combination(self, given: Combination, name: str) -> tuple[str, ...]:
        judged = judge(given, self.combinations.get(name, ()))
        if judged.standing is not Standing.NOT_OFFERED:
            return ()
        nearest = "".join(f"; the nearest has {' and '.join(map(str, near))}" for near in judged.nearest[:1])
        return (f"this combination was never seen{nearest}",)


def _doubt(field: str, value: str, known: tuple[str, ...], otherwise: str) -> str:
    """What is wrong with one value: another spelling of a known one, or nothing that was ever seen."""
    for other in known:
        if plain(other) == plain(value):
            return f"{field} {quoted(value)}: seen was only the spelling {quoted(other)}"
    near = most_similar(value, known)
    return f"{field} {quoted(value)} {otherwise}" + (f"; the most similar is {quoted(near)}" if near else "")
