"""Rule 8 broken: how an outage ends, and that the remote's wish to be left alone is everybody's."""

from __future__ import annotations

from typing import Final

from .breach import breach

_BREAKER: Final = "core/breaker.py"
_GATE: Final = "dispatch/gate.py"
_OUTAGE: Final = "dispatch/test_outage.py"
_SAMPLING: Final = "dispatch/test_sampling.py"
_UNIT: Final = "core/test_breaker.py"

BREACHES: Final = (
    breach(
        8,
        "a pause ends with a probe, and not with a row: the run asks nobody",
        _GATE,
        "                self._breaker.begin_probe()\n                self._probe.start()\n",
        "                self._breaker.probed(now, there=True)\n",
        f"{_OUTAGE}::test_after_a_pause_the_harmless_question_comes_first_then_one_row_then_all",
    ),
    breach(
        8,
        "a pause ends with a probe, and not with a row: a row may go first",
        _BREAKER,
        "if self.phase is not Phase.ADMITTING or wanted < 1:",
        "if self.phase not in {Phase.ADMITTING, Phase.PAUSED} or wanted < 1:",
        f"{_UNIT}::test_after_its_pause_it_asks_before_it_lets_anybody_start",
    ),
    breach(
        8,
        "a probe that fails begins another pause: whatever it is answered",
        _GATE,
        "there = is_there(answer)",
        "there = True",
        f"{_OUTAGE}::test_while_nobody_answers_no_row_is_touched_and_pauses_grow_up_to_their_limit",
    ),
    breach(
        8,
        "a probe that fails begins another pause: it lets all start instead",
        _BREAKER,
        "            self.phase = Phase.ADMITTING\n        else:\n            self._pause(now)",
        "            self.phase = Phase.ADMITTING\n        else:\n            self.phase = Phase.CLOSED",
        f"{_UNIT}::test_each_probe_or_trial_that_fails_doubles_the_pause_up_to_its_limit",
    ),
    breach(
        8,
        "after a probe that is answered one row goes, and not all",
        _BREAKER,
        "            self.phase = Phase.ADMITTING\n        else:",
        "            self.phase = Phase.CLOSED\n        else:",
        f"{_UNIT}::test_a_probe_that_is_answered_lets_one_start_and_nobody_beside_it",
    ),
    breach(
        8,
        "beside the trial nobody goes who was let start before the pause",
        _BREAKER,
        "return turn == self.turn and (self.phase is Phase.CLOSED",
        "return (self.phase is Phase.CLOSED",
        f"{_UNIT}::test_who_was_let_start_before_the_pause_and_has_not_may_not_go_beside_the_trial",
    ),
    breach(
        8,
        "an answer from before the pause is no answer to the trial",
        _BREAKER,
        "        if turn != self.turn:\n            return False\n",
        "",
        f"{_UNIT}::test_an_answer_from_before_the_pause_is_no_answer_to_the_trial",
    ),
    breach(
        8,
        "rejected credentials stop the run at once: at a probe",
        _GATE,
        "if isinstance(answer, Fault) or verdict is Verdict.BAD_CREDENTIALS:",
        "if isinstance(answer, Fault):",
        f"{_OUTAGE}::test_a_probe_that_is_refused_for_its_credentials_stops_the_run",
    ),
    breach(
        8,
        "--max-outage ends the run, probes or not: its time begins with the first trouble",
        _BREAKER,
        "            self.phase = Phase.ADMITTING\n        else:\n",
        "            self.phase = Phase.ADMITTING\n        else:\n            self.troubled_since = now\n",
        f"{_OUTAGE}::test_an_outage_without_end_ends_the_run_in_time_with_every_untried_row_pending",
    ),
    breach(
        8,
        "--max-outage ends the run, probes or not: in the middle of a pause, or of a probe that hangs",
        _GATE,
        "return min(wait_s, max(0.0, self._context.plan.max_outage_s - breaker.outage_s(now)))",
        "return wait_s + 30.0",
        f"{_OUTAGE}::test_an_outage_without_end_ends_the_run_in_time_with_every_untried_row_pending",
    ),
    breach(
        8,
        "a probe that is answered is not the end of an outage",
        _BREAKER,
        "            self.phase = Phase.ADMITTING\n        else:\n",
        "            self.phase, self.troubled_since = Phase.ADMITTING, None\n        else:\n",
        f"{_UNIT}::test_an_answered_probe_alone_does_not_end_an_outage",
    ),
    breach(
        8,
        "what the remote asks for is heard by all: said to a probe",
        _GATE,
        "        self.pacing.hear_wish(answer, now)\n",
        "",
        f"{_OUTAGE}::test_a_probe_that_is_told_to_wait_makes_everybody_wait",
    ),
    breach(
        8,
        "what the remote asks for is heard by all: said to a look",
        "dispatch/looks.py",
        "            self._pacing.hear_wish(answer, clock.monotonic())\n",
        "",
        f"{_SAMPLING}::test_a_look_that_is_asked_to_wait_makes_everybody_wait",
    ),
    breach(
        8,
        "--rate is for all that is asked: looks",
        "dispatch/looks.py",
        "            await self._pacing.turn()\n",
        "",
        f"{_SAMPLING}::test_looks_keep_to_the_pace_of_everything_else",
    ),
    breach(
        8,
        "--rate is for all that is asked: probes",
        _GATE,
        "if self.pacing.take(now, 1):",
        "if True:",
        f"{_OUTAGE}::test_a_probe_takes_a_permit_of_the_rate",
    ),
    breach(
        8,
        "--rate is for all that is asked: whether a 403 is the account's",
        "dispatch/attempt.py",
        "        await self._gate.pacing.turn()\n",
        "",
        "dispatch/test_rules.py::test_the_question_whose_refusal_it_was_keeps_to_the_rate",
    ),
)
