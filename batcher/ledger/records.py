"""What goes into the ledger and what comes out of it. Times of day are RFC 3339 UTC texts; clocks are seconds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from batcher.core.states import Stage, State

from .job_records import Whereabouts


class Via(StrEnum):
    """Who told what became of an attempt."""

    REPLY = "reply"
    LOOK_UP = "look-up"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The account that a campaign belongs to: one user name at one base URL."""

    base_url: str
    username: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """
    One manifest's rows, by name.

    ``token`` begins every signature. ``reading`` is how the manifest was read (mapping, key, kept columns), so that
    corrected rows can be read alike; ``columns`` are the manifest's own, in order.
    """

    campaign_id: int
    name: str
    token: str
    target: Target
    manifest: str
    columns: tuple[str, ...]
    kept_columns: tuple[str, ...]
    reading: Mapping[str, Any]
    own_signatures: bool
    created_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Intents:
    """
    A group of attempts about to be made, all with the same window.

    ``attempts`` maps row numbers to attempt numbers. ``send_deadline`` is boot-time seconds; ``timeout_s`` is how long
    each attempt may take from its start to the reply's last byte.
    """

    campaign_id: int
    run_id: int
    stage: Stage = Stage.CREATE
    attempts: Mapping[int, int]
    recorded_at: str
    send_deadline: float
    timeout_s: float


# Not frozen, because one is made for each attempt, and that would cost three times as much.
@dataclass(slots=True, kw_only=True)
class Outcome:
    """
    What became of one attempt, and the move that follows from it.

    ``cost_micros`` is what the remote says that it took for a submitted job, in millionths of a dollar. ``unchecked``:
    the attempt may have made a job, and the row goes on all the same, without a look-up.
    """

    campaign_id: int
    number: int
    stage: Stage = Stage.CREATE
    attempt: int
    old: State
    new: State
    tries: int
    sent: bool = True
    via: Via = Via.REPLY
    http_status: int | None = None
    return_code: int | None = None
    description: str = ""
    error_type: str | None = None
    error: str | None = None
    job_id: int | None = None
    extra_job_ids: tuple[int, ...] = ()
    finished_at: str = ""
    duration_ms: int | None = None
    settle_from: float | None = None
    unchecked: bool = False
    cost_micros: int | None = None


class Recorded(StrEnum):
    """What the ledger made of an outcome."""

    MOVED = "moved"
    LOST = "lost"
    """The row was no longer in the old state; the attempt is written, the row is as it was."""
    ID_TAKEN = "id_taken"
    """Another row already holds the job id: the row is in doubt, or held where it was in doubt before."""
    WITHDRAWN = "withdrawn"
    """The row made nothing, and it is gone from the manifest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDoubt:
    """A row in doubt or held, as the ledger has it; ``open_until`` and ``jobs`` as in ``core.row``."""

    number: int
    key: str
    stage: Stage
    state: State
    generation: int
    parameters: Mapping[str, str]
    tries: int
    attempts: int
    open_until: float
    replied: bool
    jobs: tuple[int, ...] = ()


# Not frozen, for the same reason.
@dataclass(slots=True, kw_only=True)
class StoredRow:
    """A row ready to be sent; ``jobs`` as in ``core.row``."""

    number: int
    key: str
    generation: int
    parameters: Mapping[str, str]
    tries: int
    attempts: int
    jobs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRow:
    """A created row whose job is known to exist, as a control for the look-up."""

    token: str
    number: int
    generation: int
    job_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SentAgain:
    """A created row that was sent more than once; ``attempts`` is the number of its last attempt."""

    number: int
    key: str
    generation: int
    job_id: int
    attempts: int


class Result(NamedTuple):
    """
    One line of the results, in the results' own words and the order of their columns.

    ``possible_duplicate``: it was sent again while in doubt, and no look-up has told since whether it exists twice.

    A tuple, because a million of them are written; ``parameters_json`` is empty where what was sent was pruned.
    """

    row_number: int
    key: str
    state: str
    job_id: int | None
    http_status: int | None
    return_code: int | None
    description: str
    attempts: int
    first_sent_at: str | None
    completed_at: str | None
    duration_ms: int | None
    error_type: str | None
    error: str | None
    cost_micros: int | None
    remote_state: str | None
    kept: Mapping[str, str]
    parameters_json: str
    extra_job_ids: tuple[int, ...] = ()
    possible_duplicate: bool = False

    @property
    def parameters(self) -> Mapping[str, str]:
        return dict(json.loads(self.parameters_json)) if self.parameters_json else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """The latest pass over a campaign; ``finished_at`` is None while it runs, and after a crash."""

    run_id: int
    started_at: str
    finished_at: str | None
    exit_code: int | None
    stopped_by: str | None
    host: str
    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicates:
    """Rows of which the remote holds more jobs than one (``known``), or may hold them (``possible``)."""

    known: int = 0
    possible: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """One campaign at a glance; ``counts`` by shown state."""

    campaign: Campaign
    rows: int
    counts: Mapping[str, int]
    last_run: RunInfo | None
    created_last_minute: int
    duplicates: Duplicates
    whereabouts: Whereabouts = field(default_factory=Whereabouts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """
    The rows of a campaign: how many the manifest gave, and those of the ledger, by shown state and in one stage.

    ``judged`` are those of the stage by state; rows that have gone on from being created count as done there.
    """

    rows: int
    counts: Mapping[str, int]
    judged: Mapping[State, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldJob:
    """A row with what stands in the way of an amendment or of a second campaign."""

    key: str
    state: str
    job_id: int | None
    campaign: str
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """A key that stands in more than one row of the manifest."""

    key: str
    first_line: int
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """
    A manifest beside what the ledger holds of its campaign.

    ``conflicts`` are changed rows that may already be jobs, ``gone_sent`` rows that are gone and may be jobs; both are
    the first few, the counts are whole.
    """

    rows: int
    new: int
    changed: int
    gone: int
    conflicts: tuple[HeldJob, ...] = ()
    conflict_count: int = 0
    gone_sent: tuple[HeldJob, ...] = ()
    gone_sent_count: int = 0

    @property
    def same(self) -> bool:
        return not (self.new or self.changed or self.gone)
