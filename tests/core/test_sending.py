"""The window in which an attempt may begin."""

from __future__ import annotations

import pytest

from batcher.core.sending import Deadline, Sending


@pytest.mark.parametrize(
    ("monotonic", "boot", "passed"),
    [
        (9.0, 19.0, False),
        (10.0, 20.0, False),
        (10.1, 19.0, True),
        (9.0, 20.1, True),
        (10.1, 20.1, True),
    ],
)
def test_whichever_clock_says_late_first_is_believed(monotonic: float, boot: float, passed: bool) -> None:
    assert passed is Deadline(monotonic=10.0, boot=20.0).has_passed(monotonic=monotonic, boot=boot)


def test_nothing_has_begun_until_somebody_says_so() -> None:
    assert Sending().started is False
