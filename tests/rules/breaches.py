"""All breaches, in the order of the rules."""

from __future__ import annotations

from typing import Final

from . import (
    later_stages,
    rule_1_intents,
    rule_1_ledger,
    rule_2_moves,
    rule_3_answers,
    rule_3_phases,
    rule_4_ends,
    rule_4_on_doubt,
    rule_4_proof,
    rule_4_rehearsal,
    rule_4_second_look,
    rule_4_time,
    rule_4_watch,
    rule_5_concurrency,
    rule_5_window,
    rule_6_500,
    rule_7_success,
    rule_8_outage,
    rule_8_run,
    rule_9_stopping,
    rule_10_books,
)
from .breach import Breach

BREACHES: Final[tuple[Breach, ...]] = (
    *rule_1_intents.BREACHES,
    *rule_1_ledger.BREACHES,
    *rule_2_moves.BREACHES,
    *rule_3_phases.BREACHES,
    *rule_3_answers.BREACHES,
    *rule_4_proof.BREACHES,
    *rule_4_time.BREACHES,
    *rule_4_watch.BREACHES,
    *rule_4_ends.BREACHES,
    *rule_4_on_doubt.BREACHES,
    *rule_4_second_look.BREACHES,
    *rule_4_rehearsal.BREACHES,
    *rule_5_window.BREACHES,
    *rule_5_concurrency.BREACHES,
    *rule_6_500.BREACHES,
    *rule_7_success.BREACHES,
    *rule_8_run.BREACHES,
    *rule_8_outage.BREACHES,
    *rule_9_stopping.BREACHES,
    *rule_10_books.BREACHES,
    *later_stages.BREACHES,
)
