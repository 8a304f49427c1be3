"""Rule 1 broken: no POST without a committed intent for that very attempt."""

from __future__ import annotations

from typing import Final

from .breach import breach

_CONTRACT: Final = "contracts/ledger"
_RULES: Final = "dispatch/test_rules.py"
_MOVES: Final = "ledger/sqlite/moves.py"

BREACHES: Final = (
    breach(
        1,
        "no POST without a committed intent: it is sent while the intent is being committed",
        "dispatch/feed.py",
        "recorded = await context.ledger.record_intents(intents)",
        "asyncio.ensure_future(context.ledger.record_intents(intents))\n        recorded = frozenset(intents.attempts)",
        f"{_RULES}::test_no_post_without_a_committed_intent",
    ),
    breach(
        1,
        "no POST without a committed intent: a row that was not given one is sent as well",
        "dispatch/feed.py",
        "if row.number in recorded:",
        "if recorded is not None:",
        f"{_RULES}::test_a_row_that_somebody_else_moved_is_not_sent",
    ),
    breach(
        1,
        "an intent for that very attempt: no line is written for it",
        _MOVES,
        "for number in moved])",
        "for number in ()])",
        f"{_CONTRACT} -k doubt",
    ),
    breach(
        1,
        "an intent for that very attempt: its number need not be the next",
        _MOVES,
        "state = 'pending' AND attempts = ? AND",
        "state = 'pending' AND ? >= 0 AND",
        f"{_CONTRACT}/test_intents.py::test_an_intent_with_the_wrong_number_moves_nothing",
    ),
    breach(
        1,
        "committed, and durable before it is acknowledged",
        "ledger/sqlite/group_commit.py",
        "            job.result = job.work(self._connection)\n",
        "            job.result = job.work(self._connection)\n"
        "            self._loop.call_soon_threadsafe(job.done.set_result, job.result)\n"
        "            job.done = asyncio.Future(loop=self._loop)\n",
        "ledger/test_group_commit.py::test_a_result_is_given_only_when_it_is_durable",
    ),
    breach(
        1,
        "fsynced: a power cut undoes no commit (nothing but the setting itself can be tested)",
        "ledger/sqlite/connection.py",
        "synchronous = FULL",
        "synchronous = OFF",
        "ledger/test_durability.py::test_a_commit_waits_for_the_disk",
    ),
    breach(
        1,
        "whoever settles an intent uses the timeout it was made with",
        _MOVES,
        "a.send_deadline + a.timeout_s",
        "a.send_deadline",
        f"{_CONTRACT}/test_recovery.py::test_on_the_same_boot_a_doubt_is_open_until_the_intents_deadline_and_timeout",
    ),
    breach(
        1,
        "an intent stores its send deadline",
        "dispatch/feed.py",
        "send_deadline=send_by.boot",
        "send_deadline=0.0",
        "dispatch/test_intents.py::test_an_intent_keeps_the_deadline_and_the_timeout_it_was_made_with",
    ),
    breach(
        1,
        "an intent stores the timeout it was made with",
        "dispatch/feed.py",
        "timeout_s=context.plan.timeout_s",
        "timeout_s=0.0",
        "dispatch/test_intents.py::test_an_intent_keeps_the_deadline_and_the_timeout_it_was_made_with",
    ),
    breach(
        1,
        "with another boot, time does not count by the old clock",
        _MOVES,
        "    db.execute(_OTHER_BOOT, (run_id, boot_now, campaign_id, boot_id))\n",
        "",
        f"{_CONTRACT}/test_recovery.py::test_on_another_boot_the_time_counts_from_when_it_was_first_seen",
    ),
    breach(
        1,
        "with another boot, time counts from when the settler first saw it, and not from each run's beginning",
        _MOVES,
        "SET run_id = ?, send_deadline",
        "SET run_id = max(run_id, 0 * ?), send_deadline",
        f"{_CONTRACT}/test_recovery.py::test_on_another_boot_the_time_is_not_counted_afresh_by_each_run",
    ),
    breach(
        1,
        "with another boot: the run says which boot it is of",
        "dispatch/run.py",
        "now=timestamp(clock.now()), boot_id=boot,",
        'now=timestamp(clock.now()), boot_id="",',
        "dispatch/test_intents.py::test_a_run_says_which_boot_it_is_of",
    ),
    breach(
        1,
        "intents of a dead run become doubts, and are not simply sent again",
        _MOVES,
        "SET state = 'in_doubt' WHERE campaign_id = ? AND state = 'sending'",
        "SET state = 'pending' WHERE campaign_id = ? AND state = 'sending'",
        f"{_CONTRACT}/test_recovery.py::test_intents_of_a_dead_run_become_doubts",
    ),
    breach(
        1,
        "a row is let go of when its outcome is committed, and not before",
        "dispatch/recorder.py",
        "await self._context.ledger.record_outcomes([finished.outcome for finished in self._group])",
        """[Recorded.MOVED] * len(self._group)
            later = self._context.ledger.record_outcomes([finished.outcome for finished in self._group])
            asyncio.ensure_future(later)""",
        "dispatch/test_recorder.py",
    ),
)
