"""Rule 3 broken: a fault knows its phase."""

from __future__ import annotations

from typing import Final

from .breach import Breach, breach

_CLASSIFY: Final = "core/test_classify.py"
_RULES: Final = "dispatch/test_rules.py"
_SESSION: Final = "click2mail/session_lane.py"
_DIRECT: Final = "click2mail/direct_lane.py"


def _counts_as_unsent(kind: str) -> Breach:
    return breach(
        3,
        f"after sending ({kind.lower()}) a row is in doubt",
        "core/outcome.py",
        "        FaultKind.DNS,\n",
        f"        FaultKind.DNS,\n        FaultKind.{kind},\n",
        f"{_CLASSIFY}::test_only_these_faults_are_known_to_have_sent_nothing",
    )


def _counts_as_sent(kind: str) -> Breach:
    return breach(
        3,
        f"before anything was sent ({kind.lower()}) a row is free to retry",
        "core/outcome.py",
        f"        FaultKind.{kind},\n",
        "",
        f"{_CLASSIFY}::test_only_these_faults_are_known_to_have_sent_nothing",
    )


BREACHES: Final = (
    *(_counts_as_sent(kind) for kind in ("DNS", "CONNECT", "TLS", "POOL", "STALE_INTENT")),
    *(_counts_as_unsent(kind) for kind in ("WRITE", "RESET", "TIMEOUT", "CUT", "UNREADABLE", "TOO_LARGE", "CANCELLED")),
    breach(
        3,
        "before anything was sent: no try is used up",
        "core/retry.py",
        "{Verdict.UNREACHED, Verdict.BAD",
        "{Verdict.BAD",
        "core/test_retry.py",
    ),
    breach(
        3,
        "before anything was sent: back to pending",
        "core/retry.py",
        "Verdict.FORBIDDEN | Verdict.PAYMENT_REFUSED:\n            return State.PENDING",
        "Verdict.FORBIDDEN | Verdict.PAYMENT_REFUSED:\n            return State.IN_DOUBT",
        f"{_RULES} -k before_sending",
    ),
    breach(
        3,
        "after sending: only a look-up moves a row",
        "core/retry.py",
        "Verdict.REDIRECTED | Verdict.OTHER_STATE:\n            return State.IN_DOUBT",
        "Verdict.REDIRECTED | Verdict.OTHER_STATE:\n            return free_again(tries, policy)",
        f"{_RULES} -k after_sending",
    ),
    breach(
        3,
        "a fault knows its phase: the client forgets that a byte has left",
        _SESSION,
        "if sending is None else sending.started)",
        "if sending is None else False)",
        "click2mail/test_broken_replies.py",
    ),
    breach(
        3,
        "a fault knows its phase: reading the reply comes after sending",
        _SESSION,
        "fault_of(error, sent=True)",
        "fault_of(error, sent=False)",
        "click2mail/test_broken_replies.py",
    ),
    breach(
        3,
        "a fault knows its phase: the direct lane forgets that a byte has left",
        _DIRECT,
        "fault_of(error, sent=sending.started)",
        "fault_of(error, sent=False)",
        "click2mail/test_broken_replies.py",
    ),
    breach(
        3,
        "a fault knows its phase: the direct lane takes a refusal for a broken reply",
        _DIRECT,
        "fault_of(error, sent=sending.started)",
        "fault_of(error, sent=True)",
        "click2mail/test_send_window.py click2mail/test_keep_alive.py",
    ),
    breach(
        3,
        "a fault knows its phase: connecting comes before sending",
        _DIRECT,
        "return fault_of(error, sent=False)",
        "return fault_of(error, sent=True)",
        "click2mail/test_unreachable.py",
    ),
    breach(
        3,
        "an interim reply is no verdict",
        _DIRECT,
        "if not 100 <= message.code < 200 or message.code == 101:",
        "if message.code:",
        "click2mail/test_wire.py -k interim",
    ),
    breach(
        3,
        "a reply that does not end is no verdict",
        "click2mail/page.py",
        "if body is not None and len(body) > cap_bytes:",
        "if False:",
        "click2mail/test_broken_replies.py",
    ),
)
