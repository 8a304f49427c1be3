"""Rule 9 broken: stopping is never worse than kill -9."""

from __future__ import annotations

from typing import Final

from .breach import Breach, Edit, breach

_RULES: Final = "dispatch/test_rules.py"

BREACHES: Final = (
    Breach(
        9,
        "stop taking rows",
        (
            Edit(
                "batcher/dispatch/outbox.py",
                "            if self.closed:\n                return None\n",
                "            if self.closed and not self._ready:\n                return None\n",
            ),
            # What is taken all the same is kept back a second time.
            Edit("batcher/dispatch/attempt.py", " and not context.stop.requested:", ":"),
        ),
        "tests/dispatch/test_concurrency.py::test_once_stopped_nobody_takes_what_waits_for_room",
    ),
    breach(
        9,
        "let what is in flight finish",
        "dispatch/pool.py",
        "            await asyncio.wait({limit, at_rest}, return_when=asyncio.FIRST_COMPLETED)\n",
        "",
        f"{_RULES}::test_a_drained_run_finishes_what_is_in_flight_and_takes_nothing_new",
    ),
    breach(
        9,
        "up to the drain limit",
        "dispatch/pool.py",
        "sleep(self._context.plan.drain_timeout_s)",
        "sleep(100 * self._context.plan.drain_timeout_s)",
        f"{_RULES}::test_what_outlives_the_drain_is_in_doubt_and_settled_by_the_next_run",
    ),
    breach(
        9,
        "a second signal does not wait",
        "dispatch/stop.py",
        "        self.hurried.set()\n",
        "        pass\n",
        f"{_RULES}::test_a_second_signal_does_not_wait_for_the_drain",
    ),
    breach(
        9,
        "record the rest",
        "dispatch/attempt.py",
        "self._finish(errand, answer, self._context.work.verdict(errand.row, answer), began)",
        "pass",
        f"{_RULES}::test_what_outlives_the_drain_is_in_doubt_and_settled_by_the_next_run",
    ),
    breach(
        9,
        "record the rest as in doubt, and not as unsent",
        "dispatch/attempt.py",
        "FaultKind.CANCELLED if sending.started else FaultKind.WITHHELD",
        "FaultKind.WITHHELD",
        f"{_RULES}::test_what_outlives_the_drain_is_in_doubt_and_settled_by_the_next_run",
    ),
    breach(
        9,
        "what was never sent is taken back, and not left in doubt",
        "dispatch/pool.py",
        "for errand in self._feed.outbox.take_back():",
        "for errand in ():",
        "dispatch/test_drain.py dispatch/test_intents.py",
    ),
    breach(
        9,
        "never worse than kill -9: a doubt that waits is left as it is",
        "dispatch/pool.py",
        "            pursuit.cancel()\n",
        "            pass\n",
        "dispatch/test_storm.py",
    ),
)
