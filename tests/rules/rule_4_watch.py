"""Rule 4 broken: the look-up is watched while the run works, and silence is no time to settle in."""

from __future__ import annotations

from typing import Final

from .breach import breach

_DOUBTS: Final = "dispatch/doubts.py"
_PROVE: Final = "core/test_prove.py"
_PROVER: Final = "dispatch/lookup_prover.py"
_SAMPLING: Final = "dispatch/test_sampling.py"
_SOURCE: Final = "core/proof.py"

BREACHES: Final = (
    breach(
        4,
        "the lag is measured on jobs created in this run: on later ones too",
        _PROVER,
        "elif self._context.clock.monotonic() >= self._next_sample_at:",
        "elif False:",
        f"{_SAMPLING}::test_a_lag_that_grows_while_the_run_works_is_noticed",
    ),
    breach(
        4,
        "a sample that is not found breaks the proof: after its time",
        _SOURCE,
        "is_new=True):\n            return Proof(trust=Trust.BROKEN",
        "is_new=True):\n            return Proof(trust=Trust.PROVEN",
        f"{_PROVE}::test_a_sample_that_is_never_found_breaks_the_proof_after_its_time",
    ),
    breach(
        4,
        "a sample that is not found breaks the proof: in the run",
        _PROVER,
        "            self.break_trust(proof.reason)\n        elif",
        "            pass\n        elif",
        f"{_SAMPLING}::test_a_job_that_is_not_found_any_more_takes_the_proof_back",
    ),
    breach(
        4,
        "a sample that is not answered breaks nothing",
        _SOURCE,
        "Listing):\n            return Proof(trust=Trust.UNKNOWN",
        "Listing):\n            return Proof(trust=Trust.BROKEN",
        f"{_PROVE}::test_a_sample_that_is_not_answered_shows_nothing",
    ),
    breach(
        4,
        "the larger lag of a sample counts",
        _PROVER,
        "            self.proof = replace(self.proof, lag_s=proof.lag_s)\n",
        "            pass\n",
        f"{_SAMPLING}::test_a_lag_that_grows_while_the_run_works_is_noticed",
    ),
    breach(
        4,
        "the larger lag of a sample is kept in the ledger",
        _PROVER,
        "note_lag(self._context.campaign, proof.lag_s)\n        self._next",
        "lag_s(self._context.campaign.target)\n        self._next",
        f"{_SAMPLING}::test_a_lag_that_grows_while_the_run_works_is_noticed",
    ),
    breach(
        4,
        "a smaller lag of a sample does not count",
        _PROVER,
        "proof.lag_s > (self.proof.lag_s or 0.0)",
        "proof.lag_s >= 0.0",
        f"{_SAMPLING}::test_a_lag_that_becomes_smaller_while_the_run_works_does_not_count",
    ),
    breach(
        4,
        "it counts only while the remote answers, also for the next run: of a run that is killed",
        _DOUBTS,
        "        if not answers(seen.answer):\n            await self._put_off(doubt)\n",
        "",
        f"{_SAMPLING}::test_silence_that_a_killed_run_met_is_not_time_to_settle_in_for_the_next",
    ),
    breach(
        4,
        "it counts only while the remote answers, also for the next run: of a run that is stopped",
        _DOUBTS,
        "            await asyncio.shield(asyncio.ensure_future(self._put_off(doubt)))\n",
        "",
        f"{_SAMPLING}::test_silence_that_one_run_met_is_not_time_to_settle_in_for_the_next",
    ),
    breach(
        4,
        "it counts only while the remote answers, also for the next run: of a row that is held",
        _DOUBTS,
        "settle_from=self._silent_until(doubt) if",
        "settle_from=doubt.open_until if",
        f"{_SAMPLING}::test_silence_that_a_row_met_before_it_was_held_is_not_time_to_settle_in",
    ),
    breach(
        4,
        "it counts only while the remote answers, also for the next run: in the ledger",
        "ledger/sqlite/moves.py",
        "UPDATE attempt SET settle_from = ? WHERE",
        "UPDATE attempt SET settle_from = min(settle_from, ?) WHERE",
        "contracts/test_duplicates.py::test_a_doubt_that_is_put_off_stays_open_for_longer",
    ),
)
