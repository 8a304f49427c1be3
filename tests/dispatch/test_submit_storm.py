"""
Storms over drafts: what gets lost when they are submitted or deleted, run after run; then one run in good weather.

A failing storm says its seed: ``STORM_SEED=17 pytest tests/dispatch/test_submit_storm.py`` plays it again.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from batcher.core.errors import Exit
from batcher.core.job import JobAnswer, JobStatus, RemoteState
from batcher.core.outcome import Answer, Fault, FaultKind, Reply
from batcher.core.patience import Patience
from batcher.core.retry import RetryPolicy
from batcher.core.sending import Deadline, Sending
from batcher.core.states import Stage
from batcher.core.tally import StopReason
from batcher.dispatch import run as run_module
from batcher.dispatch.plan import RunPlan
from batcher.dispatch.run import RunSummary, run_campaign
from batcher.dispatch.stages.deletion import Deletion
from batcher.dispatch.stages.submission import Submission
from batcher.dispatch.stop import Stop
from batcher.ledger.records import Campaign
from tests.dispatch.conftest import TARGET, manifest_row
from tests.simulation.disk import Disk, kill, ledger_on
from tests.simulation.jumping import LoopClock, play

_QUICK = 150
_MANY = 20_000
_SETTLE_S = 300.0
_TIMEOUT_S = 20.0
_LOST = Fault(kind=FaultKind.TIMEOUT, detail="no answer")
_FAILURE = Reply(http_status=500, code=9, description="contact support")
_UNDONE: Mapping[str, Answer] = {
    "refused": Reply(http_status=400, code=9, description="Shipping method information required"),
    "no credit": Reply(http_status=200, code=2, description="payment not authorized"),
    "throttled": Reply(http_status=429),
    "lost before": _LOST,
    "500 before": _FAILURE,
    "edge page before": Reply(http_status=524),
}
_UNTOLD: Mapping[str, Answer] = {
    "lost after": _LOST,
    "500 after": _FAILURE,
    "edge page after": Reply(http_status=524),
}
_FATES = (*("fine",) * 6, *_UNDONE, *_UNTOLD, "late", "slow", "another job")


class Drafts:
    """
    The remote. It does what a POST asks at most once, and within the settling time; a status lags behind by less than
    ``lag_s``, and by half of it at least.

    ``complaints`` are POSTs to jobs that had been submitted, or deleted, by an earlier one: a second bill, were it not
    for the vendor's own check.
    """

    def __init__(self, dice: random.Random, disk: Disk, clock: LoopClock, lag_s: float) -> None:
        self._dice = dice
        self._clock = clock
        self._disk = disk
        self._lag_s = lag_s
        self.bad = False
        self.silent_until = 0.0
        self.states: dict[int, tuple[RemoteState, float]] = {}
        self.charged: dict[int, int] = {}
        self.complaints: list[str] = []
        self._late: set[asyncio.TimerHandle] = set()

    def add(self, job_id: int) -> None:
        self.states[job_id] = (RemoteState.EDITING, -1e9)

    async def submit(self, job_id: int, payment: Mapping[str, str], send_by: Deadline, sending: Sending) -> Answer:
        return await self._post(Stage.SUBMIT, job_id, send_by, sending)

    async def delete(self, job_id: int, send_by: Deadline, sending: Sending) -> Answer:
        return await self._post(Stage.DELETE, job_id, send_by, sending)

    async def _post(self, stage: Stage, job_id: int, send_by: Deadline, sending: Sending) -> Answer:
        await asyncio.sleep(self._dice.uniform(0, 0.3))
        if self._disk.dead:  # the process has ended, and sends nothing
            raise asyncio.CancelledError
        if send_by.has_passed(monotonic=self._clock.monotonic(), boot=self._clock.boottime()):
            return Fault(kind=FaultKind.STALE_INTENT, detail="too late")
        sending.started = True
        self._note(stage, job_id)
        fate = self._dice.choice(_FATES) if self.bad else "fine"
        if fate in _UNDONE:
            await asyncio.sleep(_TIMEOUT_S if fate == "lost before" else 0.1)
            return _UNDONE[fate]
        if fate == "late":
            # Done within the settling time after the attempt was given up.
            self._later(stage, job_id, self._dice.uniform(1, _SETTLE_S - 1))
            return Reply(http_status=502)
        answer = self._do(stage, job_id)
        await asyncio.sleep(_TIMEOUT_S if fate == "lost after" else self._dice.uniform(0, 10 * (fate == "slow")))
        another = Reply(http_status=201, code=0, job_id=job_id + 1, description="Success")
        return another if fate == "another job" else _UNTOLD.get(fate, answer)

    def _later(self, stage: Stage, job_id: int, after_s: float) -> None:
        loop = asyncio.get_running_loop()
        self._late.add(loop.call_later(after_s, self._do, stage, job_id))

    def _note(self, stage: Stage, job_id: int) -> None:
        if self.states[job_id][0] is not RemoteState.EDITING:
            self.complaints.append(f"{stage} of job {job_id}, which is {self.states[job_id][0]}")

    def _do(self, stage: Stage, job_id: int) -> Answer:
        now = asyncio.get_running_loop().time()
        if self.states[job_id][0] is not RemoteState.EDITING:
            return Reply(http_status=400, code=9, description=f"Job with Id {job_id} is in impermissible state")
        if stage is Stage.SUBMIT:
            self.charged[job_id] = self.charged.get(job_id, 0) + 1
        state = RemoteState.ORDERED if stage is Stage.SUBMIT else RemoteState.DELETED
        self.states[job_id] = (state, now + self._dice.uniform(self._lag_s / 2, self._lag_s))
        return Reply(http_status=201, code=0, job_id=job_id, description="Success")

    async def status(self, job_id: int) -> JobAnswer:
        now = asyncio.get_running_loop().time()
        await asyncio.sleep(0.1)
        if now < self.silent_until:
            return Reply(http_status=503)
        if self.bad and self._dice.random() < 0.1:
            return self._dice.choice((Reply(http_status=502), Reply(http_status=429, retry_after_s=3.0), _LOST))
        state, seen_from = self.states[job_id]
        shown = state if seen_from <= now else RemoteState.EDITING
        return JobStatus(job_id=job_id, state=shown, words=shown.value)

    async def credit(self) -> Answer:
        return Reply(http_status=200)

    async def at_rest(self) -> None:
        """Whatever was begun is done."""
        await asyncio.sleep(_SETTLE_S + 1)


class Storm:
    """One campaign of drafts, and what happens to it."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        random.seed(seed)  # tenacity's jitter
        self.disk = Disk(lambda: self.dice.uniform(0, self.dice.choice((0.0, 0.02, 3.0))))
        self.ledger = ledger_on(self.disk)
        self.clock = LoopClock()
        self.remote = Drafts(self.dice, self.disk, self.clock, self.dice.choice((0.0, 0.5, 3.0, 40.0)))
        self.work = self.dice.choice((Submission({"billingType": "User Credit"}), Deletion()))
        self.plan = RunPlan(
            concurrency=self.dice.choice((1, 2, 4, 16)),
            rate_per_s=self.dice.choice((None, None, 5.0)),
            retry=RetryPolicy(max_attempts=self.dice.choice((1, 2, 5)), strict_500=True),
            patience=Patience(settle_s=_SETTLE_S),
            timeout_s=_TIMEOUT_S,
        )
        self.campaign: Campaign

    async def load(self, rows: int) -> None:
        def work(staging: Any) -> Campaign:
            staging.add([manifest_row(number) for number in range(1, rows + 1)])
            return staging.create(
                name="c",
                token="c",
                target=TARGET,
                manifest="m.csv",
                columns=(),
                kept_columns=(),
                reading={},
                own_signatures=False,
                now="2026-01-01T00:00:00.000Z",
            )

        self.campaign = await self.ledger.load(work)
        self.disk.db.execute("UPDATE row SET state = 'done', job_id = 7000 + 2 * number")
        for number in range(1, rows + 1):
            self.remote.add(7000 + 2 * number)

    async def run(self, stop: Stop | None = None, **changes: Any) -> RunSummary:
        await self.ledger.begin_stage(self.campaign, self.work.stage, through=10**6)
        return await run_campaign(
            ledger=self.ledger,
            remote=self.remote,  # type: ignore[arg-type]
            clock=self.clock,
            emit=lambda event: None,
            campaign=self.campaign,
            plan=replace(self.plan, **changes),
            stop=stop or Stop(),
            work=self.work,
        )

    async def stormy_run(self) -> None:
        dice, stop = self.dice, Stop()
        now = asyncio.get_running_loop().time()
        self.remote.bad = True
        self.remote.silent_until = now + dice.uniform(0, 200) if dice.random() < 0.3 else 0.0
        ending = dice.choice(("its own", "kill", "kill", "cancel", "term", "no wait"))
        run = asyncio.create_task(self.run(stop, wait=ending != "no wait"))
        if ending in {"kill", "cancel", "term"}:
            await asyncio.wait({run}, timeout=dice.choice((dice.uniform(0, 1), dice.uniform(0, 30), 400.0)))
        if run.done():
            await run
        elif ending == "kill":
            await kill(run, self.disk, unheard=dice.random() < 0.5)
            self.disk.revive()
        elif ending == "cancel":
            run.cancel()
            await asyncio.wait({run})
        else:
            stop.request(StopReason.SIGTERM) if ending == "term" else None
            await run

    async def forgive(self) -> None:
        """Refused rows may be tried again, as ``batcher retry`` lets them."""
        self.disk.db.execute("UPDATE row SET state = 'pending' WHERE state = 'rejected' AND stage <> 'create'")


async def _promise(seed: int) -> None:
    storm = Storm(seed)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(run_module, "boot_id", lambda: f"boot {storm.clock.boot}")
        dice = storm.dice
        rows = dice.choice((1, 3, 10, 30))
        await storm.load(rows)
        for _ in range(dice.randint(1, 4)):
            await storm.stormy_run()
            await storm.forgive()
            if dice.random() < 0.5:
                await asyncio.sleep(dice.uniform(0, 600))
            if dice.random() < 0.2:
                storm.clock.boot_again(dice.choice((3.0, 1e6)))
        storm.remote.bad, storm.remote.silent_until = False, 0.0
        summary = await storm.run()
        await storm.remote.at_rest()

    word = "submitted" if storm.work.stage is Stage.SUBMIT else "deleted"
    assert storm.remote.complaints == []
    assert (summary.exit_code, summary.counts) == (Exit.OK, {word: rows})
    states = {state for state, _ in storm.remote.states.values()}
    if storm.work.stage is Stage.SUBMIT:
        assert states == {RemoteState.ORDERED}
        assert storm.remote.charged == dict.fromkeys(storm.remote.states, 1)
    else:
        assert states == {RemoteState.DELETED}
        assert storm.remote.charged == {}
    await storm.ledger.close()


def _play(seeds: range) -> None:
    chosen = os.environ.get("STORM_SEED")
    for seed in seeds if chosen is None else [int(chosen)]:
        try:
            play(_promise(seed))
        except BaseException as error:
            error.add_note(f"the storm of seed {seed}; STORM_SEED={seed} plays it again")
            raise


def test_no_seed_submits_a_job_twice_or_leaves_one_behind() -> None:
    _play(range(_QUICK))


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_no_seed_of_very_many_submits_a_job_twice_or_leaves_one_behind() -> None:
    _play(range(_QUICK, _QUICK + _MANY))
