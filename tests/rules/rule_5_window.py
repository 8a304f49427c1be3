"""Rule 5 broken: an intent is good for a short send window."""

from __future__ import annotations

from typing import Final

from .breach import Breach, Edit, breach

_RULES: Final = "dispatch/test_rules.py"
_SENDING: Final = "click2mail/sending.py"
_WINDOW: Final = "click2mail/test_send_window.py"

BREACHES: Final = (
    breach(
        5,
        "an intent is good for a short window",
        "dispatch/feed.py",
        "window_s = context.plan.send_window_s",
        "window_s = 1000.0",
        f"{_RULES}::test_a_late_intent_is_not_sent",
    ),
    breach(
        5,
        "late when the monotonic clock says so",
        "core/sending.py",
        "monotonic > self.monotonic or boot",
        "boot",
        "core/test_sending.py",
    ),
    breach(
        5,
        "late when the boot-time clock says so",
        "core/sending.py",
        " or boot > self.boot",
        "",
        "core/test_sending.py",
    ),
    breach(
        5,
        "a late send is refused",
        _SENDING,
        "        if self._clocks.is_past(self._deadline):\n            raise StaleIntent\n",
        "",
        _WINDOW,
    ),
    Breach(
        5,
        "it is refused where the bytes are written, and not before the request is begun",
        (
            Edit(
                f"batcher/{_SENDING}",
                "        self._over = False\n",
                "        self._over = False\n        self._is_late = clocks.is_past(deadline)\n",
            ),
            Edit(f"batcher/{_SENDING}", "if self._clocks.is_past(self._deadline):", "if self._is_late:"),
        ),
        f"tests/{_WINDOW} -k connecting",
    ),
    breach(
        5,
        "the refusal is recognised by its cause",
        "click2mail/fault.py",
        "next(refusals, error)",
        "error",
        _WINDOW,
    ),
    breach(
        5,
        "a body is written once",
        _SENDING,
        "self._over = self._sending.started = True",
        "self._sending.started = True",
        _WINDOW,
    ),
    breach(
        5,
        "a request that was given up is not written later",
        _SENDING,
        "        self._over = True\n",
        "",
        _WINDOW,
    ),
    breach(
        5,
        "sending is noted before the first byte leaves",
        _SENDING,
        "self._over = self._sending.started = True",
        "self._over = True",
        _WINDOW,
    ),
    breach(
        5,
        "a connection on which something came unasked is not used",
        _SENDING,
        "if conn.protocol is None or conn.protocol.should_close:",
        "if conn.protocol is None:",
        "click2mail/test_keep_alive.py",
    ),
    breach(
        5,
        "a timed-out connection is aborted",
        _SENDING,
        "            self._transport.abort()\n",
        "            pass\n",
        "click2mail/test_broken_replies.py click2mail/test_tls.py click2mail/test_keep_alive.py",
    ),
    breach(
        5,
        "the kernel does not go on delivering: SO_LINGER 0",
        "click2mail/connection.py",
        'struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)',
        'struct.pack("hh" if sys.platform == "win32" else "ii", 0, 0)',
        "click2mail/test_keep_alive.py::test_the_kernel_gives_up_no_later_than_we_do",
    ),
    breach(
        5,
        "the kernel does not go on delivering: TCP_USER_TIMEOUT no longer than the timeout",
        "click2mail/connection.py",
        "int(timeout_s * 1000)",
        "int(timeout_s * 2000)",
        "click2mail/test_keep_alive.py::test_the_kernel_gives_up_no_later_than_we_do",
    ),
    breach(
        5,
        "groups: never over 256",
        "dispatch/feed.py",
        "_LOOK_AHEAD_ROWS = 256",
        "_LOOK_AHEAD_ROWS = 100_000",
        "dispatch/test_intents.py::test_a_group_of_intents_is_never_over_256",
    ),
    breach(
        5,
        "groups: no more than what starts within about a second",
        "dispatch/outbox.py",
        "return math.ceil(len(self._sent_at) / seconds)",
        "return math.ceil(len(self._sent_at) / seconds) * 30",
        "dispatch/test_intents.py::test_a_group_of_intents_is_no_more_than_what_starts_within_a_second",
    ),
    breach(
        5,
        "until the look-up is proven no more intents than free workers",
        "dispatch/feed.py",
        "if self._prover.proof.trust is not Trust.PROVEN:",
        "if False:",
        f"{_RULES}::test_until_the_look_up_is_proven_no_more_intents_are_open_than_there_are_workers",
    ),
    breach(
        5,
        "until the look-up is proven what is not committed counts like what is in flight",
        "dispatch/feed.py",
        "self.outbox.free_workers - len(self._recorder)",
        "self.outbox.free_workers",
        "dispatch/test_recorder.py",
    ),
)
