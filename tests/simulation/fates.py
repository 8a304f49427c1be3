"""What may become of one POST, by name, and what a look-up may be worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final

from batcher.core.outcome import Answer, Fault, FaultKind, Reply

TIMEOUT_S: Final = 20.0
SETTLE_S: Final = 300.0
SEND_WINDOW_S: Final = 10.0
ANSWER_S: Final = 0.2


class Makes(Enum):
    """When the remote makes the job, if it makes one."""

    NOTHING = "nothing"
    AT_ONCE = "at once"
    SOON_AFTER = "soon after the conversation ended"
    LONG_AFTER = "long after the conversation ended"

    @property
    def delay_s(self) -> float:
        """Seconds after the conversation ended: within the settling time, and a bit to spare for noticing its end."""
        return 0.95 * SETTLE_S if self is Makes.LONG_AFTER else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """
    ``answer`` gets the id of the job, 0 where none is made yet. ``connect_s`` passes before the first byte leaves;
    where ``is_sent`` is false none ever does.
    """

    makes: Makes
    answer: Callable[[int], Answer]
    takes_s: float = ANSWER_S
    connect_s: float = 0.0
    is_sent: bool = True
    names_another: bool = False

    @property
    def is_reported_failure(self) -> bool:
        """Whether the remote itself says that it failed: the one word of the remote's that may be taken."""
        answer = self.answer(0)
        return isinstance(answer, Reply) and answer.http_status == 500 and answer.code == 9


def _created(job_id: int) -> Answer:
    return Reply(http_status=201, code=0, job_id=job_id, description="Created")


def _warned(job_id: int) -> Answer:
    return Reply(http_status=201, code=7, job_id=job_id, description="made with a warning")


def _says(answer: Answer) -> Callable[[int], Answer]:
    return lambda job_id: answer


_BROKE_OFF: Final = _says(Fault(kind=FaultKind.RESET))
_NO_REPLY: Final = _says(Fault(kind=FaultKind.TIMEOUT))
_FAILED: Final = _says(Reply(http_status=500, code=9, description="custom error"))
_DATE: Final = _says(Reply(http_status=500, code=9, description="Could not parse date."))
_NO_ID: Final = _says(Reply(http_status=201, code=0, job_id=0))


def _page(http_status: int, retry_after_s: float | None = None) -> Callable[[int], Answer]:
    return _says(Reply(http_status=http_status, retry_after_s=retry_after_s))


def _refusal(http_status: int) -> Callable[[int], Answer]:
    return _says(Reply(http_status=http_status, code=9, description="no such document"))


FATES: Final[dict[str, Fate]] = {
    "created": Fate(makes=Makes.AT_ONCE, answer=_created),
    "created; its reply is lost": Fate(makes=Makes.AT_ONCE, answer=_BROKE_OFF),
    "created; its reply never comes": Fate(makes=Makes.AT_ONCE, answer=_NO_REPLY, takes_s=TIMEOUT_S),
    "created; its reply comes late": Fate(makes=Makes.AT_ONCE, answer=_created, takes_s=0.9 * TIMEOUT_S),
    "created; the remote says 500": Fate(makes=Makes.AT_ONCE, answer=_FAILED),
    "lost; nothing is made": Fate(makes=Makes.NOTHING, answer=_BROKE_OFF),
    "lost without a word; nothing is made": Fate(makes=Makes.NOTHING, answer=_NO_REPLY, takes_s=TIMEOUT_S),
    "500 of the remote; nothing is made": Fate(makes=Makes.NOTHING, answer=_FAILED),
    "created soon after the connection broke": Fate(makes=Makes.SOON_AFTER, answer=_BROKE_OFF),
    "created long after the connection broke": Fate(makes=Makes.LONG_AFTER, answer=_BROKE_OFF),
    "created long after it timed out": Fate(makes=Makes.LONG_AFTER, answer=_NO_REPLY, takes_s=TIMEOUT_S),
    "created long after an edge page": Fate(makes=Makes.LONG_AFTER, answer=_page(524)),
    **{
        f"created; {kind}": Fate(makes=Makes.AT_ONCE, answer=_says(Fault(kind=kind)))
        for kind in (FaultKind.WRITE, FaultKind.CUT, FaultKind.UNREADABLE, FaultKind.TOO_LARGE)
    },
    "created; 500 of the edge": Fate(makes=Makes.AT_ONCE, answer=_page(500)),
    "created; 502": Fate(makes=Makes.AT_ONCE, answer=_page(502)),
    "created; 503": Fate(makes=Makes.AT_ONCE, answer=_page(503)),
    "created; 504": Fate(makes=Makes.AT_ONCE, answer=_page(504)),
    "created; 408": Fate(makes=Makes.AT_ONCE, answer=_page(408)),
    "created; 302": Fate(makes=Makes.AT_ONCE, answer=_page(302)),
    "created; success without its id": Fate(makes=Makes.AT_ONCE, answer=_NO_ID),
    "created; its id beside another code": Fate(makes=Makes.AT_ONCE, answer=_warned),
    "created; the id of another row": Fate(makes=Makes.AT_ONCE, answer=_created, names_another=True),
    "429": Fate(makes=Makes.NOTHING, answer=_page(429)),
    "429 with Retry-After": Fate(makes=Makes.NOTHING, answer=_page(429, 30.0)),
    "503 with Retry-After": Fate(makes=Makes.NOTHING, answer=_page(503, 30.0)),
    "rejected": Fate(makes=Makes.NOTHING, answer=_refusal(400)),
    "rejected under 200": Fate(makes=Makes.NOTHING, answer=_refusal(200)),
    "rejected for its date": Fate(makes=Makes.NOTHING, answer=_DATE),
    "forbidden": Fate(makes=Makes.NOTHING, answer=_page(403)),
    "bad credentials": Fate(makes=Makes.NOTHING, answer=_page(401)),
    "nothing is served there": Fate(makes=Makes.NOTHING, answer=_page(404)),
    "not reached": Fate(makes=Makes.NOTHING, answer=_says(Fault(kind=FaultKind.CONNECT)), is_sent=False),
    "connected too late": Fate(makes=Makes.AT_ONCE, answer=_created, connect_s=1.2 * SEND_WINDOW_S),
}
"""The simplest first."""


class Looks(StrEnum):
    """What a look-up is worth for as long as one run goes on."""

    FAITHFUL = "lists what is there, once its lag is over"
    EMPTY = "misses everything"
    SILENT = "does not answer"
    REFUSED = "answers without a list"
    ALL = "lists everything, whatever is asked"
    ANOTHERS = "lists the job of another row for a row that is in doubt"
    FORGETFUL = "misses the jobs of row 1"
    """No proof can see this: the one kind of stale look-up that is too much for anybody."""
