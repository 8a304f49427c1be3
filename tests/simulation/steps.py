"""What a process does to the ledger and to the remote, step by step, and the trouble that comes at one of them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Final

KINDS: Final = {
    "nothing sent yet": re.compile("POST .*: nothing sent yet"),
    "first byte left": re.compile("POST .*: the first byte has left"),
    "sent whole": re.compile("POST .*: sent whole"),
    "job made": re.compile("the remote makes"),
    "answered": re.compile("POST .*: answered"),
    "commit of intents": re.compile("commit: .* pending → sending"),
    "intents committed": re.compile("committed: .* pending → sending"),
    "commit of outcomes": re.compile("commit: .* sending → "),
    "outcomes committed": re.compile("committed: .* sending → "),
    "commit of a doubt's end": re.compile("commit: .* (in_doubt|held) → "),
    "doubt's end committed": re.compile("committed: .* (in_doubt|held) → "),
    "look asked": re.compile("look for [^:]*$"),
    "look answered": re.compile("look for .*: "),
    "any other": re.compile(""),
}


def kind_of(name: str) -> str:
    """Which of ``KINDS`` a step is."""
    return next(kind for kind, pattern in KINDS.items() if pattern.match(name))


class Steps:
    """
    The steps of one process, numbered from 1.

    ``meet`` hears of every step, by number and name, and may let something happen. Once the process is ``dead``,
    nothing that it still does reaches anybody.
    """

    def __init__(self, meet: Callable[[int, str], None]) -> None:
        self.names: list[str] = []
        self.dead = False
        self.died = asyncio.Event()
        self._meet = meet

    def take(self, name: str) -> bool:
        """One more step. False: the process does not outlive it."""
        if self.dead:
            return False
        self.names.append(name)
        self._meet(len(self.names), name)
        return not self.dead

    async def come_past(self, name: str) -> None:
        """One more step of somebody who waits; a dead process waits for ever."""
        if not self.take(name):
            await asyncio.Future()

    def die(self) -> None:
        self.dead = True
        self.died.set()
