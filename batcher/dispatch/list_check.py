"""Are the address lists ready that rows name?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from batcher.core.distinct import Group
from batcher.core.events import ListsAwaited, Observer
from batcher.core.material import ListPage, ListState, ListStatus
from batcher.core.outcome import Answer, Fault, Reply
from batcher.core.preflight import is_refusal, judge_list

from .asking import Asking
from .findings import MOST_READ, Findings, in_fours, spread
from .listing import read_listing
from .ports import Clock, Inspection

CHECK: Final = "address lists"
_FIRST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 10.0


class ListCheck:
    """Looks at each list once, and then waits for those that are not ready. ``lists`` are groups by list id."""

    def __init__(self, asking: Asking, remote: Inspection, findings: Findings, lists: dict[int, Group]) -> None:
        self._asking = asking
        self._remote = remote
        self._findings = findings
        self._lists = lists
        self._waiting: dict[int, ListStatus] = {}

    async def look(self) -> None:
        """Asks for the state of every list, or of as many as is decent."""
        self._findings.begin(CHECK)
        chosen = list(self._lists) if len(self._lists) <= MOST_READ else await self._chosen()
        for few in in_fours(chosen):
            silent = await self._look_at(few)
            if silent is not None:
                self._findings.skip(CHECK, silent)
                return
        self._findings.end(CHECK)

    async def wait(self, clock: Clock, emit: Observer, limit_s: float) -> None:
        """Waits for lists that are on their way; those that are not ready at the end are findings."""
        if self._waiting and limit_s > 0:
            emit(ListsAwaited(lists=len(self._waiting), wait_s=limit_s))
            await self._asking.within(limit_s, self._poll(clock))
        for list_id, status in self._waiting.items():
            self._findings.add(judge_list(self._lists[list_id], status))

    async def _look_at(self, few: Sequence[int]) -> Answer | None:
        """An answer that told nothing of its list, if there was one."""
        answers = await self._asking.ask_all([partial(self._remote.list_status, list_id) for list_id in few])
        silent: Answer | None = None
        for list_id, answer in zip(few, answers, strict=True):
            if isinstance(answer, ListStatus) and answer.state is ListState.PREPARING:
                self._waiting[list_id] = answer
            elif isinstance(answer, Fault) or (isinstance(answer, Reply) and not is_refusal(answer)):
                silent = answer
            else:
                self._waiting.pop(list_id, None)
                self._findings.add(judge_list(self._lists[list_id], answer))
        return silent

    async def _chosen(self) -> list[int]:
        """Lists that are not in the account's listing, where that can be read, and of the others some."""
        listed = await read_listing(self._asking, self._page, set(self._lists))
        missing = [list_id for list_id in self._lists if listed.whole and list_id not in listed.entries]
        chosen = spread(missing, MOST_READ)
        chosen += spread([list_id for list_id in self._lists if list_id not in missing], MOST_READ - len(chosen))
        self._findings.limit(CHECK, f"{len(chosen)} of {len(self._lists):,} are asked about")
        return chosen

    async def _page(self, offset: int) -> dict[int, None] | Answer:
        page = await self._remote.address_lists(offset)
        return dict.fromkeys(page.list_ids) if isinstance(page, ListPage) else page

    async def _poll(self, clock: Clock) -> None:
        pause_s = _FIRST_PAUSE_S
        while self._waiting:
            await clock.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
            for few in in_fours(list(self._waiting)):
                await self._look_at(few)
