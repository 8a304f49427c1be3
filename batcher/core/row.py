"""The records that the rooms hand each other: a row as the manifest gives it, and a row as it is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, cast

from .states import State


class ManifestRow(NamedTuple):
    """
    One row of the manifest, valid by itself.

    ``number`` counts rows from 1 in the manifest's order; ``line`` is where it began in the file (the item's number in
    a JSON array). ``parameters`` are exactly what is sent, byte for byte, without the signature; ``kept`` are columns
    that go to the results only. ``digest`` tells whether the row has changed under its key. ``batcher_key`` is the key
    of the row that this one corrects, in a failed file that comes back.

    A tuple with its objects as JSON, because the ledger takes it in as it is, a million times.
    """

    number: int
    line: int
    key: str
    digest: bytes
    parameters_json: str
    kept_json: str
    batcher_key: str | None = None

    @property
    def parameters(self) -> Mapping[str, str]:
        return cast("Mapping[str, str]", json.loads(self.parameters_json))

    @property
    def kept(self) -> Mapping[str, str]:
        return cast("Mapping[str, str]", json.loads(self.kept_json))


@dataclass(slots=True, kw_only=True)
class Row:
    """
    A row that a run works on. The ledger holds the truth; this is what its worker carries.

    ``tries`` counts the attempts that used up a try since the row last became pending afresh, ``attempts`` all of
    them; the next attempt's number is ``attempts + 1``. ``sent`` counts those that may have reached the remote; what
    earlier runs attempted counts as sent. ``jobs`` are those that a later stage acts on.
    """

    number: int
    key: str
    signature: str
    parameters: Mapping[str, str]
    state: State
    tries: int = 0
    attempts: int = 0
    sent: int = 0
    jobs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """
    A row of which the remote may hold a job that we have no id of.

    Times are seconds of the boot-time clock of this machine. ``open_until`` is when the attempt's own process must
    have given up on it: its send deadline plus the timeout it was made with. ``replied`` says that the remote answered
    with a failure of its own, which needs less patience than silence.
    """

    row: Row
    attempt: int
    open_until: float
    replied: bool = False
