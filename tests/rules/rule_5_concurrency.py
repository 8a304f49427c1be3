"""Rule 5 broken: what a crash leaves in doubt stays small, because few are in flight at once."""

from __future__ import annotations

from typing import Final

from .breach import breach

_SOURCE: Final = "core/concurrency.py"
_TESTS: Final = "dispatch/test_concurrency.py"
_UNIT: Final = "core/test_concurrency.py"

BREACHES: Final = (
    breach(
        5,
        "no more are in flight than allowed: rows are handed out all the same",
        "dispatch/outbox.py",
        "(self._ready and self._concurrency.room)",
        "self._ready",
        f"{_TESTS}::test_no_more_are_in_flight_than_allowed_while_that_goes_up_and_down",
    ),
    breach(
        5,
        "no more are in flight than allowed: nobody counts them",
        _SOURCE,
        "return max(0, self.limit - self.in_flight)",
        "return self.limit",
        f"{_TESTS}::test_no_more_are_in_flight_than_allowed_while_that_goes_up_and_down",
    ),
    breach(
        5,
        "no more are in flight than --concurrency",
        _SOURCE,
        "self.limit = min(self.most, self._grown())",
        "self.limit = self._grown()",
        f"{_UNIT}::test_it_doubles_each_round_trip_up_to_its_bound",
    ),
    breach(
        5,
        "at least one may be in flight, or the run stands still",
        _SOURCE,
        "self._lower(max(1, int(self._ceiling * _KEPT)))",
        "self._lower(int(self._ceiling * _KEPT))",
        f"{_UNIT}::test_strain_that_lasts_takes_a_third_each_round_trip_down_to_one",
    ),
    breach(
        5,
        "a remote that complains gets fewer at once",
        _SOURCE,
        'return self._shrink(f"HTTP {answer.http_status}")',
        "return None",
        f"{_UNIT}::test_strain_takes_a_third",
    ),
    breach(
        5,
        "until the look-up is proven no more intents than may be in flight",
        "dispatch/outbox.py",
        "return min(self._idle_workers, self._concurrency.room)",
        "return self._idle_workers",
        f"{_TESTS}::test_until_the_look_up_is_proven_no_more_intents_are_open_than_may_be_sent",
    ),
    breach(
        5,
        "intents do not go stale when fewer may be in flight all at once",
        "dispatch/outbox.py",
        "if self._concurrency.limit < self._most_at_once:",
        "if False:",
        f"{_TESTS}::test_intents_do_not_go_stale_when_fewer_are_sent_all_at_once",
    ),
    breach(
        5,
        "quick refusals do not make more intents than can be sent when answers take long again",
        "dispatch/feed.py",
        "_LOOK_AHEAD_TIMES = 16",
        "_LOOK_AHEAD_TIMES = 1600",
        f"{_TESTS}::test_intents_do_not_go_stale_when_quick_refusals_end",
    ),
)
