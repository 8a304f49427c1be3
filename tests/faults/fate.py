"""What becomes of one request on its way through the proxy, and of many by dice."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum


class Ending(StrEnum):
    """How a connection ends on which not everything came through."""

    RST = "rst"
    FIN = "fin"
    SILENCE = "silence"
    """It does not: nothing more comes, until the caller hangs up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """
    What becomes of one request.

    Attributes:
        name: What it is counted as.
        request_bytes: Pass on so many bytes of the request, never all of it, then end. None: all of it.
        hold_s: Seconds before the request goes on to the remote.
        reply_bytes: Pass on so many bytes of the reply, then end. None: all of it.
        delay_s: Seconds before the first byte of the reply.
        bytes_a_second: How fast the reply goes. None: as fast as it can.
        ending: How it ends; None goes on with the next request.
    """

    name: str
    request_bytes: int | None = None
    hold_s: float = 0.0
    reply_bytes: int | None = None
    delay_s: float = 0.0
    bytes_a_second: float | None = None
    ending: Ending | None = None


PASS = Fate(name="pass")
CUT_BEFORE = Fate(name="cut_before_request", request_bytes=0, ending=Ending.RST)
HANG_UP_BEFORE = Fate(name="hang_up_before_request", request_bytes=0, ending=Ending.FIN)
SWALLOW = Fate(name="swallow_request", request_bytes=0, ending=Ending.SILENCE)
CUT_IN_REQUEST = Fate(name="cut_in_request", request_bytes=300, ending=Ending.RST)
LOSE_REPLY = Fate(name="lose_reply", reply_bytes=0, ending=Ending.SILENCE)
CUT_BEFORE_REPLY = Fate(name="cut_before_reply", reply_bytes=0, ending=Ending.RST)
HANG_UP_BEFORE_REPLY = Fate(name="hang_up_before_reply", reply_bytes=0, ending=Ending.FIN)
CUT_IN_REPLY = Fate(name="cut_in_reply", reply_bytes=150, ending=Ending.RST)
TRUNCATE = Fate(name="truncate_reply", reply_bytes=200, ending=Ending.FIN)
STALL_IN_REPLY = Fate(name="stall_in_reply", reply_bytes=100, ending=Ending.SILENCE)
CUT_AFTER_REPLY = Fate(name="cut_after_reply", ending=Ending.RST)
HANG_UP_AFTER_REPLY = Fate(name="hang_up_after_reply", ending=Ending.FIN)
HOLD = Fate(name="hold_request", hold_s=1.0)
DELAY = Fate(name="delay_reply", delay_s=1.0)
TRICKLE = Fate(name="trickle_reply", bytes_a_second=200.0)

BAD = (
    *(CUT_BEFORE, HANG_UP_BEFORE, SWALLOW, CUT_IN_REQUEST, LOSE_REPLY, CUT_BEFORE_REPLY, HANG_UP_BEFORE_REPLY),
    *(CUT_IN_REPLY, TRUNCATE, STALL_IN_REPLY, CUT_AFTER_REPLY, HANG_UP_AFTER_REPLY, HOLD, DELAY, TRICKLE),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """
    A request as the proxy saw it.

    Attributes:
        at: Boot-time seconds at which its first byte was read.
        signature: The ``appSignature`` that it creates under or asks for; empty where it names none.
    """

    method: str
    path: str
    signature: str
    at: float

    @property
    def creates(self) -> bool:
        return self.method == "POST"


Plan = Callable[[Asked], Fate]


def always(fate: Fate) -> Plan:
    return lambda asked: fate


PASS_ALL = always(PASS)


def for_posts(fate: Fate) -> Plan:
    """Only requests that create a job meet it."""
    return lambda asked: fate if asked.creates else PASS


@dataclass
class Weather:
    """
    A plan by dice.

    Attributes:
        posts: Share of the requests that create which meet a bad fate.
        looks: Share of the others.
        connections: Share of the connections that end before a byte was read.
        longest_s: Holds and delays are up to so long.
    """

    dice: random.Random
    posts: float = 0.1
    looks: float = 0.1
    connections: float = 0.02
    longest_s: float = 1.0

    def __call__(self, asked: Asked) -> Fate:
        if self.dice.random() >= (self.posts if asked.creates else self.looks):
            return PASS
        fate = self.dice.choice(BAD)
        return replace(
            fate,
            request_bytes=fate.request_bytes and self.dice.randrange(1, 600),
            reply_bytes=fate.reply_bytes and self.dice.randrange(1, 400),
            hold_s=fate.hold_s and self.dice.uniform(0, self.longest_s),
            delay_s=fate.delay_s and self.dice.uniform(0, self.longest_s),
        )

    def welcome(self) -> Ending | None:
        """How a new connection ends at once; None for one that is served."""
        return self.dice.choice(list(Ending)) if self.dice.random() < self.connections else None
