"""Rule 4 broken where a draft is made to try the look-up, and what a run would owe to a row with it."""

from __future__ import annotations

from typing import Final

from .breach import breach

_SOURCE: Final = "dispatch/checkup/rehearsal.py"
_REMOVAL: Final = "dispatch/checkup/removal.py"
_TESTS: Final = "dispatch/test_rehearsal.py"

BREACHES: Final = (
    breach(
        4,
        "what only a look-up names is not deleted",
        _SOURCE,
        "    return seen\n\n\nclass",
        "        for job_id in seen.listed.job_ids if seen.listed else ():\n"
        "            await rehearsal.remove(job_id)\n    return seen\n\n\nclass",
        _TESTS,
    ),
    breach(
        4,
        "no draft is made where the control fails",
        _SOURCE,
        "if seen.control is None or seen.control.reason != NOTHING_CREATED:",
        "if seen.control is None:",
        _TESTS,
    ),
    breach(
        4,
        "the signature is told before the POST",
        _SOURCE,
        '    tell(f"one draft is made under the signature {orders.signature}, and deleted again")\n'
        "    seen.answer = await rehearsal.post()\n",
        "    seen.answer = await rehearsal.post()\n"
        '    tell(f"one draft is made under the signature {orders.signature}, and deleted again")\n',
        _TESTS,
    ),
    breach(
        4,
        "a draft is gone when that is seen, not when it is said",
        _REMOVAL,
        "return Removal(is_gone=None if was_taken else False,",
        "return Removal(is_gone=was_taken,",
        _TESTS,
    ),
    breach(
        4,
        "a refusal of ourselves does not mean that the draft is gone",
        _REMOVAL,
        "    return answer.http_status == HTTPStatus.NOT_FOUND or _NO_SUCH_JOB.search(answer.description) is not None",
        "    return 400 <= answer.http_status < 500 or answer.code != 0",
        _TESTS,
    ),
    breach(
        5,
        "the POST of a rehearsal has a window",
        _SOURCE,
        "window_s = self._orders.send_window_s",
        "window_s = 1e9",
        _TESTS,
    ),
    breach(
        9,
        "a rehearsal that is asked to stop takes its draft away",
        _SOURCE,
        "await rehearsal.unless_hurried(rehearsal.remove",
        "await rehearsal.unless_stopped(rehearsal.remove",
        _TESTS,
    ),
    breach(
        9,
        "a rehearsal waits for the reply that is under way",
        _SOURCE,
        "self._clock.sleep(orders.drain_timeout_s)",
        "self._clock.sleep(0.0)",
        _TESTS,
    ),
    breach(
        9,
        "a rehearsal sends nothing once it was asked to stop",
        _SOURCE,
        "        if self._stop.requested:\n            return Fault",
        "        if self._stop.hurried.is_set():\n            return Fault",
        _TESTS,
    ),
    breach(
        9,
        "a rehearsal takes its draft away whatever breaks",
        _SOURCE,
        "        finally:\n            seen.removal",
        "        except StopAsyncIteration:\n            raise\n        else:\n            seen.removal",
        _TESTS,
    ),
)
