"""All breaches, in the order of the rules."""

from __future__ import annotations

from typing import Final

from . import (
    rule_1_intents,
    rule_2_moves,
    rule_3_answers,
    rule_3_phases,
    rule_4_ends,
    rule_4_proof,
    rule_4_time,
    rule_5_window,
    rule_6_500,
    rule_7_success,
    rule_8_run,
    rule_9_stopping,
    rule_10_books,
)
from .breach import Breach

BREACHES: Final[tuple[Breach, ...]] = (
    *rule_1_intents.BREACHES,
    *rule_2_moves.BREACHES,
    *rule_3_phases.BREACHES,
    *rule_3_answers.BREACHES,
    *rule_4_proof.BREACHES,
    *rule_4_time.BREACHES,
    *rule_4_ends.BREACHES,
    *rule_5_window.BREACHES,
    *rule_6_500.BREACHES,
    *rule_7_success.BREACHES,
    *rule_8_run.BREACHES,
    *rule_9_stopping.BREACHES,
    *rule_10_books.BREACHES,
)
