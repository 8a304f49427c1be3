"""Does the remote know the products that rows order?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import zip_longest
from typing import Final

from batcher.core.catalogue import Catalogue
from batcher.core.distinct import Group
from batcher.core.material import ProductOptions
from batcher.core.outcome import Answer, Fault
from batcher.core.preflight import judge_product
from batcher.core.product import Combination, Judgement, Standing, judge

from .asking import Asking
from .findings import MOST_READ, Findings, in_fours, spread
from .ports import Inspection

CHECK: Final = "products"


class ProductCheck:
    """
    Reads the combinations of each document class, and asks for an estimate of what is not among them.

    The list alone refuses nothing, because no document says that it is whole; the catalogue neither.
    """

    def __init__(
        self,
        asking: Asking,
        remote: Inspection,
        findings: Findings,
        catalogue: Catalogue,
        products: Sequence[Group],
    ) -> None:
        self._asking = asking
        self._remote = remote
        self._findings = findings
        self._catalogue = catalogue
        self._products = products

    async def look(self) -> None:
        self._findings.begin(CHECK)
        unsure = await self._compare()
        asked = spread(unsure, MOST_READ)
        if len(asked) < len(unsure):
            self._findings.limit(CHECK, f"an estimate is asked of {len(asked)} of {len(unsure):,}")
        silent = None
        for few in in_fours(asked):
            silent = silent or await self._estimate(few)
            if silent is not None:
                self._judge(few)
        if silent is None:
            self._findings.end(CHECK)
        else:
            self._findings.skip(CHECK, silent)

    async def _compare(self) -> list[tuple[Group, Judgement | None]]:
        """The products that are not among what the remote lists, with where they stand there."""
        classes = list(dict.fromkeys(group.values[0] for group in self._products))
        if len(classes) > MOST_READ:
            self._findings.limit(
                CHECK, f"the combinations of {MOST_READ} of {len(classes):,} document classes are read"
            )
        listed: dict[str | None, tuple[Combination, ...]] = {}
        for few in in_fours(classes[:MOST_READ]):
            answers = await self._asking.ask_all([partial(self._remote.product_options, name) for name in few])
            for name, answer in zip(few, answers, strict=True):
                if isinstance(answer, ProductOptions) and answer.combinations:
                    listed[name] = answer.combinations
            if any(isinstance(answer, Fault) for answer in answers):
                break
        unsure = []
        for group in self._products:
            offered = listed.get(group.values[0])
            judged = None if offered is None else judge(Combination(group.values), offered)
            if judged is None or judged.standing is not Standing.OFFERED:
                unsure.append((group, judged))
        return unsure

    async def _estimate(self, few: Sequence[tuple[Group, Judgement | None]]) -> Answer | None:
        """Judges some products by an estimate of each; an answer that is none, if there was one, and judges none."""
        questions = [partial(self._remote.estimate, Combination(group.values)) for group, _ in few]
        answers = await self._asking.ask_all(questions)
        silent = next((answer for answer in answers if _is_silent(answer)), None)
        if silent is None:
            self._judge(few, answers)
        return silent

    def _judge(self, few: Sequence[tuple[Group, Judgement | None]], estimates: Sequence[Answer] = ()) -> None:
        for (group, judged), estimate in zip_longest(few, estimates):
            doubts = self._catalogue.doubts(Combination(group.values)) if judged is None else ()
            self._findings.add(judge_product(group, judged, estimate, doubts))


def _is_silent(answer: Answer) -> bool:
    """Whether the remote does not estimate at all, rather than not this product."""
    return isinstance(answer, Fault) or answer.code is None or answer.http_status >= 500
