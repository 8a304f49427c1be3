"""Rule 6 broken: a 500 is looked up first, then retried."""

from __future__ import annotations

from typing import Final

from .breach import breach

_CLASSIFY: Final = "core/test_classify.py"
_RULES: Final = "dispatch/test_rules.py"

BREACHES: Final = (
    breach(
        6,
        "a 500 with XML is looked up first where the look-up may be proven",
        "core/retry.py",
        "trust is Trust.BROKEN and not policy",
        "not policy",
        "core/test_retry.py",
    ),
    breach(
        6,
        "a 500 with XML is retried even where no look-up can be proven: broken",
        "core/retry.py",
        "trust is Trust.BROKEN and not policy",
        "False and not policy",
        "core/test_retry.py",
    ),
    breach(
        6,
        "a 500 with XML is retried even where no look-up can be proven: nothing to prove it with",
        "core/retry.py",
        "takes_its_word = doubt.replied and",
        "takes_its_word = False and",
        "dispatch/test_run.py::test_500s_are_retried_where_no_look_up_can_be_proven",
    ),
    breach(
        6,
        "--strict-500 holds those too: broken",
        "core/retry.py",
        "trust is Trust.BROKEN and not policy.strict_500",
        "trust is Trust.BROKEN",
        "core/test_retry.py",
    ),
    breach(
        6,
        "--strict-500 holds those too: nothing to prove it with",
        "core/retry.py",
        "is State.IN_DOUBT and not policy.strict_500",
        "is State.IN_DOUBT",
        f"{_RULES}::test_strict_500_holds_what_cannot_be_looked_up",
    ),
    breach(
        6,
        "the remote's word is not taken where the look-up lists jobs all the same",
        "core/retry.py",
        "if not saw_jobs and (takes",
        "if (takes",
        f"{_RULES}::test_the_remotes_word_is_not_taken_where_the_look_up_lists_jobs",
    ),
    breach(
        6,
        "it is retried only so often",
        "core/retry.py",
        "State.FAILED if tries >= policy.max_attempts else State.PENDING",
        "State.PENDING",
        "core/test_retry.py",
    ),
    breach(
        6,
        "it is retried with tenacity, after a wait",
        "dispatch/pursuit.py",
        "wait=wait_random_exponential(multiplier=retry.backoff_s, max=retry.max_backoff_s)",
        "wait=wait_random_exponential(multiplier=0, max=0)",
        "dispatch/test_intents.py::test_the_waits_before_retries_grow",
    ),
    breach(
        6,
        "a date that cannot be parsed is rejected at once",
        "core/classify.py",
        '    _Line(Verdict.REJECTED, _just(500), code=_OTHER, with_id=False, says=_says("could not parse date")),\n',
        "",
        _CLASSIFY,
    ),
)
