"""What a command says at its end: for people a few lines, with ``--json`` one object."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import Any

from batcher.core.errors import Exit
from batcher.core.tally import StopReason

LEDGER_NAME = "batcher.db"
_ADVICE = {
    Exit.REJECTED: "mend the rows in {failed}, `batcher retry {campaign} --with {failed}`,"
    " then run the same command again",
    Exit.FAILED: "run the same command again: what is left is tried afresh",
    Exit.IN_DOUBT: "run the same command again, or `batcher reconcile {campaign}`; what stays held wants"
    " `batcher resolve {campaign}`",
    Exit.REFUSED: "check the user name, the password and the account, then run again",
    Exit.USAGE: "check the address (--base-url, --staging, --live), then run again",
    Exit.TOO_MANY_FAILURES: "look at {failed} first, then run again",
    Exit.STOPPED: "run the same command again to carry on",
    Exit.SIGINT: "run the same command again to carry on",
    Exit.SIGTERM: "run the same command again to carry on",
    Exit.BUG: "the books do not balance: please report this, and keep the ledger",
}
_STOPS = {
    StopReason.CREDENTIALS: "refused by the remote",
    StopReason.ADDRESS: "wrong address",
    StopReason.MAX_FAILURES: "--max-failures reached",
    StopReason.MAX_DURATION: "--max-duration reached",
    StopReason.LIMIT: "--limit reached",
    StopReason.OUTAGE: "--max-outage reached: the remote does not answer",
    StopReason.SIGINT: "interrupted",
    StopReason.SIGTERM: "asked to stop",
}


def say(text: str) -> None:
    """One line of the command's result."""
    sys.stdout.write(f"{text}\n")


def say_json(value: Any) -> None:
    """The command's result as one JSON object on one line."""
    say(json.dumps(value, ensure_ascii=False))


def note(text: str) -> None:
    """One line beside the result, to stderr."""
    sys.stderr.write(f"{text}\n")


def advice(code: Exit, *, campaign: str, ledger: Path, failed: Path | None) -> str | None:
    """What to do next after that exit code, as commands to copy; None after success."""
    where = "" if ledger == Path(LEDGER_NAME) else f" --ledger {quote(str(ledger))}"
    named = f"{quote(campaign)}{where}"
    text = _ADVICE.get(code)
    return None if text is None else text.format(campaign=named, failed=quote(str(failed or "the failed file")))


def stop_words(reason: StopReason | None, detail: str) -> str | None:
    """Why a run ended early, in words."""
    if reason is None:
        return None
    words = _STOPS.get(reason, str(reason))
    return f"{words} ({detail})" if detail else words


def table(pairs: Mapping[str, Any]) -> str:
    """Names and values in two columns; what is None is left out."""
    shown = {name: value for name, value in pairs.items() if value is not None}
    width = max(map(len, shown), default=0)
    return "\n".join(
        f"{name:<{width}}  {value:,}" if isinstance(value, int) else f"{name:<{width}}  {value}"
        for name, value in shown.items()
    )
