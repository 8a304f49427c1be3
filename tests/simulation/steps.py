"""What a process does to the ledger and to the remote, step by step, and the trouble that comes at one of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping


class Steps:
    """
    The steps of one process, numbered from 1.

    ``witness`` sees every step; ``trouble`` names what happens at which, and ``meet`` makes it happen. Once the process
    is ``dead``, nothing that it still does reaches anybody.
    """

    def __init__(
        self, trouble: Mapping[int, str], witness: Callable[[int, str], None], meet: Callable[[str], None]
    ) -> None:
        self.names: list[str] = []
        self.dead = False
        self.died = asyncio.Event()
        self._trouble = trouble
        self._witness = witness
        self._meet = meet

    def take(self, name: str) -> bool:
        """One more step. False: the process does not outlive it."""
        if self.dead:
            return False
        self.names.append(name)
        number = len(self.names)
        self._witness(number, name)
        if number in self._trouble:
            self._meet(self._trouble[number])
        return not self.dead

    async def come_past(self, name: str) -> None:
        """One more step of somebody who waits; a dead process waits for ever."""
        if not self.take(name):
            await asyncio.Future()

    def die(self) -> None:
        self.dead = True
        self.died.set()
