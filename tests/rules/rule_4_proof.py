"""Rule 4 broken: nothing a look-up says is believed until this run has proven it."""

from __future__ import annotations

from typing import Final

from .breach import breach

_CONTRACT: Final = "contracts/ledger"
_RULES: Final = "dispatch/test_rules.py"
_MOVES: Final = "ledger/sqlite/moves.py"
_MACHINE: Final = "properties/test_dispatch_machine.py"
_PROOF: Final = "dispatch/test_proof.py"
_PROVE: Final = "core/test_prove.py"
_RECONCILE: Final = "core/reconcile.py"
_SOURCE: Final = "core/proof.py"
_SETTLE: Final = "core/test_settle.py"

BREACHES: Final = (
    breach(
        4,
        "nothing is believed until it is proven: found",
        _RECONCILE,
        "if proof.trust is Trust.UNKNOWN:\n",
        "if proof.trust is Trust.UNKNOWN and job_ids:\n            return Found(tuple(sorted(job_ids)))\n"
        "        if proof.trust is Trust.UNKNOWN:\n",
        f"{_SETTLE} {_MACHINE}",
    ),
    breach(
        4,
        "nothing is believed until it is proven: absent",
        _RECONCILE,
        "if proof.trust is Trust.UNKNOWN:\n",
        "if proof.trust is Trust.UNKNOWN and listed and not job_ids:\n            return Absent()\n"
        "        if proof.trust is Trust.UNKNOWN:\n",
        f"{_SETTLE} {_RULES}",
    ),
    breach(
        4,
        "nothing is believed that was asked before the proof, or answered after it broke",
        _RECONCILE,
        "if listed and before.trust is proof.trust is Trust.PROVEN:",
        "if listed:",
        _SETTLE,
    ),
    breach(
        4,
        "a look-up that is broken is asked no more",
        _RECONCILE,
        "while (before := proof_now()).trust is not Trust.BROKEN:",
        "while (before := proof_now()):",
        _SETTLE,
    ),
    breach(
        4,
        "a row waits for the proof before it is looked up",
        _RECONCILE,
        "    if proof_now().trust is Trust.UNKNOWN:\n        yield AwaitProof()\n",
        "",
        _SETTLE,
    ),
    breach(
        4,
        "(a) a signature never used found nothing: not asked",
        _SOURCE,
        "control: KnownJob | None = None",
        "control: KnownJob | None = known",
        _PROVE,
    ),
    breach(
        4,
        "(a) a signature never used found nothing: what it finds does not matter",
        _SOURCE,
        "    if control is None:\n        return Proof(trust=Trust.BROKEN",
        "    if control is None:\n        return Proof(trust=Trust.PROVEN",
        _PROVE,
    ),
    breach(
        4,
        "(a) the signature is one that no row can have",
        "dispatch/pool.py",
        "unused = unused_signature(context.campaign.token, secrets.token_hex(4))",
        "unused = signature(context.campaign.token, 1)",
        f"{_PROOF}::test_the_control_is_a_signature_of_no_row_and_new_in_every_run",
    ),
    breach(
        4,
        "(b) a job known to exist was found: not asked",
        _SOURCE,
        "            control = known\n            continue\n",
        "            return Proof(trust=Trust.PROVEN)\n",
        _PROVE,
    ),
    breach(
        4,
        "(b) with exactly its id: another one will do",
        _SOURCE,
        "if ids != (control.job_id,):",
        "if not ids:",
        _PROVE,
    ),
    breach(
        4,
        "(b) with exactly its id: others beside it",
        _SOURCE,
        "if ids != (control.job_id,):",
        "if control.job_id not in ids:",
        _PROVE,
    ),
    breach(
        4,
        "(b) that it is not found breaks the look-up",
        _SOURCE,
        "if is_answered and waited_s >= proof_s:\n            return Proof(trust=Trust.BROKEN",
        "if is_answered and waited_s >= proof_s:\n            return Proof(trust=Trust.PROVEN",
        _PROVE,
    ),
    breach(
        4,
        "silence is no proof against the look-up, and no proof for it",
        _SOURCE,
        "waited_s >= patience.settle_s:\n            return Proof(trust=Trust.UNKNOWN",
        "waited_s >= patience.settle_s:\n            return Proof(trust=Trust.PROVEN",
        _PROVE,
    ),
    breach(
        4,
        "a job known to exist: under this base URL",
        _MOVES,
        "WHERE c.base_url = ? AND c.username",
        "WHERE ? <> '' AND c.username",
        f"{_CONTRACT}/test_account.py::test_a_job_of_another_account_or_signature_is_no_control",
    ),
    breach(
        4,
        "a job known to exist: under this account",
        _MOVES,
        "AND c.username = ? AND NOT",
        "AND ? <> '' AND NOT",
        f"{_CONTRACT}/test_account.py::test_a_job_of_another_account_or_signature_is_no_control",
    ),
    breach(
        4,
        "a job known to exist: not one that a person named",
        _MOVES,
        "a.via = 'person'",
        "a.via = 'nobody'",
        f"{_CONTRACT}/test_account.py::test_an_id_that_a_person_gave_is_no_control",
    ),
    breach(
        4,
        "a job known to exist, alone under its signature: sent just once",
        _MOVES,
        "a.sent IS NOT 0) = 1",
        "a.sent IS NOT 0) > 0",
        f"{_CONTRACT}/test_account.py::test_a_row_that_was_sent_twice_is_no_control",
    ),
    breach(
        4,
        "rows with signatures of their own prove nothing, and nothing is believed of them",
        "dispatch/lookup_prover.py",
        "if self._context.campaign.own_signatures:",
        "if False:",
        f"{_RULES}::test_rows_with_signatures_of_their_own_are_held_when_in_doubt",
    ),
)
