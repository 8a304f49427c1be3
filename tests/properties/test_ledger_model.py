"""A ledger of random moves, legal and illegal, agrees with a model of a few lines."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from batcher.core.errors import IllegalMove
from batcher.core.states import DOUBTFUL, Stage, State, may_move, shown_state
from batcher.ledger.records import Recorded
from batcher.ledger.sqlite import SqliteLedger
from batcher.ledger.staging import Staging
from tests.ledger.builders import BOOT, changed, intents, load, manifest_row, outcome, start_run

ROWS = 6
numbers = st.integers(1, ROWS + 1)
attempts = st.integers(0, 4)
job_ids = st.sampled_from([None, 0, 1, 2, 3])
states = st.sampled_from(State)
MADE_NOTHING = (State.PENDING, State.REJECTED, State.FAILED, State.WITHDRAWN)


@dataclass
class Row:
    """What the model knows of a row; ``version`` is which contents it has."""

    state: State = State.PENDING
    attempts: int = 0
    tries: int = 0
    job_id: int | None = None
    version: int = 0
    gone: bool = False


class LedgerModel(RuleBasedStateMachine):
    """Every rule does the same to the ledger and to the model, and compares what both say of it."""

    campaigns = Bundle("campaigns")

    @initialize(target=campaigns)
    def begin(self) -> Any:
        """Two campaigns of one account: a job id of the one is taken for the other."""
        self.runner = asyncio.Runner()
        self.ledger = self.run(SqliteLedger.open(None))
        self.campaigns_by_name = {name: self.run(load(self.ledger, ROWS, name)) for name in ("a", "b")}
        self.model = {name: {number: Row() for number in range(1, ROWS + 1)} for name in ("a", "b")}
        return multiple("a", "b")

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    def teardown(self) -> None:
        if hasattr(self, "runner"):
            self.run(self.ledger.close())
            self.runner.close()

    @rule(name=campaigns, group=st.dictionaries(numbers, attempts, max_size=4))
    def record_intents(self, name: str, group: dict[int, int]) -> None:
        expected = set()
        for number, attempt in group.items():
            row = self.model[name].get(number)
            if row is not None and row.state is State.PENDING and row.attempts == attempt - 1:
                row.state, row.attempts = State.SENDING, attempt
                expected.add(number)

        assert self.run(self.ledger.record_intents(intents(self.campaigns_by_name[name], group))) == expected

    @rule(name=campaigns)
    def send_whatever_is_pending(self, name: str) -> None:
        group = {n: row.attempts + 1 for n, row in self.model[name].items() if row.state is State.PENDING}
        self.record_intents(name, group)

    @rule(name=campaigns, number=numbers, old=states, new=states, attempt=attempts, job_id=job_ids)
    def record_any_outcome(
        self, name: str, number: int, old: State, new: State, attempt: int, job_id: int | None
    ) -> None:
        self._record(name, number, old, new, attempt, job_id)

    @rule(name=campaigns, number=st.integers(1, ROWS), new=states, job_id=st.integers(1, 3))
    def record_the_outcome_of_the_last_attempt(self, name: str, number: int, new: State, job_id: int) -> None:
        row = self.model[name][number]
        self._record(name, number, row.state, new, row.attempts, job_id)

    @rule(name=campaigns, endings=st.dictionaries(numbers, st.tuples(states, job_ids), max_size=6))
    def record_a_group(self, name: str, endings: dict[int, tuple[State, int | None]]) -> None:
        moves, rows = [], self.model[name]
        for number, (new, job_id) in endings.items():
            row = rows.get(number)
            old = row.state if row is not None and row.state in DOUBTFUL else State.SENDING
            if may_move(old, new) and (new is not State.DONE or job_id):
                moves.append((number, old, new, row.attempts if row is not None else 1, job_id))
        group = [
            outcome(self.campaigns_by_name[name], number, new, old=old, attempt=attempt, tries=attempt, job_id=job_id)
            for number, old, new, attempt, job_id in moves
        ]
        expected = [self._expected(name, *move) for move in moves]

        assert self.run(self.ledger.record_outcomes(group)) == expected

    def _record(self, name: str, number: int, old: State, new: State, attempt: int, job_id: int | None) -> None:
        move = outcome(
            self.campaigns_by_name[name], number, new, old=old, attempt=attempt, tries=attempt, job_id=job_id
        )
        is_legal = old in DOUBTFUL and may_move(old, new) and (new is not State.DONE or bool(job_id))
        if not is_legal:
            with pytest.raises(IllegalMove):
                self.run(self.ledger.record_outcome(move))
            return

        assert self.run(self.ledger.record_outcome(move)) is self._expected(name, number, old, new, attempt, job_id)

    def _expected(self, name: str, number: int, old: State, new: State, attempt: int, job_id: int | None) -> Recorded:
        """Moves the model's row, and says what the ledger should say."""
        row, recorded, takes = self.model[name].get(number), Recorded.MOVED, None
        if new is State.DONE:
            takes = job_id
            if self._is_held_by_another(name, number, job_id):
                new = State.IN_DOUBT if old is State.SENDING else State.HELD
                recorded, takes = Recorded.ID_TAKEN, None
        if old is new:
            return recorded
        is_current = row is not None and row.state is old and row.attempts == attempt
        is_late_job = row is not None and row.state is State.IN_DOUBT and new is State.DONE
        if row is None or not (is_current or is_late_job):
            return Recorded.LOST
        row.state, row.tries, row.job_id = new, attempt, row.job_id if takes is None else takes
        if row.gone and recorded is Recorded.MOVED and new in MADE_NOTHING:
            row.state, recorded = State.WITHDRAWN, Recorded.WITHDRAWN
        return recorded

    def _is_held_by_another(self, name: str, number: int, job_id: int | None) -> bool:
        return any(
            row.job_id == job_id and (other, held) != (name, number)
            for other, rows in self.model.items()
            for held, row in rows.items()
        )

    @rule(name=campaigns, released=st.lists(st.sampled_from([State.FAILED, State.REJECTED]), unique=True))
    def release(self, name: str, released: list[State]) -> None:
        rows = [row for row in self.model[name].values() if row.state in released]
        for row in rows:
            row.state, row.tries = State.PENDING, 0

        assert self.run(self.ledger.release(self.campaigns_by_name[name], Stage.CREATE, released)) == len(rows)

    @rule(name=campaigns, boot_id=st.sampled_from([BOOT, "other"]))
    def recover(self, name: str, boot_id: str) -> None:
        campaign = self.campaigns_by_name[name]
        rows = [row for row in self.model[name].values() if row.state is State.SENDING]
        for row in rows:
            row.state = State.IN_DOUBT
        for row in self.model[name].values():
            row.tries = 0 if row.state in {State.PENDING, State.IN_DOUBT} else row.tries
        run_id = self.run(start_run(self.ledger, campaign, boot_id))

        assert self.run(self.ledger.recover(campaign, run_id, boot_id=boot_id, boot_now=1.0)) == len(rows)

    @rule(name=campaigns, kept=st.dictionaries(st.integers(1, ROWS), st.integers(0, 2)))
    def amend(self, name: str, kept: dict[int, int]) -> None:
        """Another manifest: some rows are gone, some have other contents."""
        incoming = [
            changed(number, digest=bytes([version]) * 16) if version else manifest_row(number)
            for number, version in kept.items()
        ]
        new, changes, gone = 0, 0, 0
        for number, row in self.model[name].items():
            was_withdrawn = row.state is State.WITHDRAWN
            was_gone, row.gone = row.gone, number not in kept
            if number in kept:
                differs = was_withdrawn or kept[number] != row.version
                changes += differs
                if differs and row.state in MADE_NOTHING:
                    row.state, row.tries, row.version = State.PENDING, 0, kept[number]
            else:
                gone += not was_withdrawn and not (was_gone and row.state not in MADE_NOTHING)
                if row.state in MADE_NOTHING:
                    row.state = State.WITHDRAWN

        def work(staging: Staging) -> tuple[int, int, int]:
            staging.add(incoming)
            compared = staging.compare(self.campaigns_by_name[name])
            staging.amend(self.campaigns_by_name[name])
            return compared.new, compared.changed, compared.gone

        assert self.run(self.ledger.load(work)) == (new, changes, gone)

    @invariant()
    def every_row_is_where_the_model_has_it(self) -> None:
        for name, rows in getattr(self, "model", {}).items():
            campaign = self.campaigns_by_name[name]
            found = {n: self.run(self.ledger.find_row(campaign, number=n, key=None)) for n in rows}
            assert {n: (r.state, r.attempts, r.tries) for n, r in found.items()} == {
                n: (row.state, row.attempts, row.tries) for n, row in rows.items()
            }

    @invariant()
    def the_books_balance(self) -> None:
        for name, rows in getattr(self, "model", {}).items():
            shown = Counter(shown_state(Stage.CREATE, row.state) for row in rows.values())
            assert self.run(self.ledger.counts(self.campaigns_by_name[name])) == (ROWS, dict(shown))

    @invariant()
    def no_job_belongs_to_two_rows(self) -> None:
        """And every row that is done has one."""
        rows = [row for campaign in getattr(self, "model", {}).values() for row in campaign.values()]
        held = [row.job_id for row in rows if row.job_id is not None]
        assert len(set(held)) == len(held)
        assert [row for row in rows if row.state is State.DONE and row.job_id is None] == []

    @invariant()
    def what_may_be_claimed_is_what_is_pending(self) -> None:
        for name, rows in getattr(self, "model", {}).items():
            claimed = self.run(self.ledger.claim(self.campaigns_by_name[name], Stage.CREATE, after=0, limit=99))
            assert [row.number for row in claimed] == [n for n, row in rows.items() if row.state is State.PENDING]


LedgerModel.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestLedgerModel = LedgerModel.TestCase
