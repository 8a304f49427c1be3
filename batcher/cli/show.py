"""What a command says at its end: for people a few lines, with ``--json`` one object."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import Any

from batcher.core.errors import Exit
from batcher.core.tally import StopReason
from batcher.ledger.records import Duplicates

from .streams import write_error, writing_out

LEDGER_NAME = "batcher.db"
_ADVICE = {
    Exit.REJECTED: "mend the rows in {failed}, `batcher retry {campaign} --with {failed}`,"
    " then run the same command again",
    Exit.FAILED: "run the same command again: what is left is tried afresh",
    Exit.IN_DOUBT: "run the same command again: it looks them up; what stays held wants a person:"
    " `batcher resolve {campaign}`",
    Exit.REFUSED: "check the user name, the password and the account, then run again",
    Exit.USAGE: "check the address (--base-url, --staging, --live), then run again",
    Exit.TOO_MANY_FAILURES: "look at {failed} first; `batcher retry {campaign}` sends rejected rows again"
    " (mended ones: `--with {failed}`), then run the same command again",
    Exit.STOPPED: "run the same command again to carry on",
    Exit.SIGINT: "run the same command again to carry on",
    Exit.SIGTERM: "run the same command again to carry on",
    Exit.BUG: "the books do not balance: please report this, and keep the ledger",
}
_RECONCILED = {
    Exit.REJECTED: "mend the rows in {failed}, `batcher retry {campaign} --with {failed}`,"
    " then give the same manifest to `batcher run`",
    Exit.FAILED: "give the same manifest to `batcher run`: what has failed is tried afresh",
}
"""What differs after ``reconcile``, which sends nothing however often it is repeated."""

_SUBMITTED = {
    Exit.REJECTED: "`batcher results {campaign} --state rejected` says why; `batcher retry {campaign}` lets them be"
    " submitted again",
    Exit.REFUSED: "check the credit, the way to pay and the account, then submit again: the rest is untouched",
    Exit.STOPPED: "submit again for the rest",
}
_DELETED = {
    Exit.REJECTED: "`batcher results {campaign} --state rejected` says why",
    Exit.STOPPED: "run the same command again for the rest",
}
_OF_COMMAND: Mapping[str, Mapping[Exit, str]] = {"reconcile": _RECONCILED, "submit": _SUBMITTED, "undo": _DELETED}

_ORDER = (
    *("submitted", "created", "rejected", "failed", "in_doubt", "held"),
    *("pending", "sending", "deleted", "withdrawn"),
)
_STOPS: Mapping[str, str] = {
    StopReason.LEDGER: "the ledger was changed during the run",
    StopReason.CREDENTIALS: "refused by the remote",
    StopReason.PAYMENT: "the remote takes no payment",
    StopReason.ADDRESS: "wrong address",
    StopReason.MAX_FAILURES: "--max-failures reached",
    StopReason.MAX_DURATION: "--max-duration reached",
    StopReason.LIMIT: "--limit reached",
    StopReason.OUTAGE: "--max-outage reached: the remote does not answer",
    StopReason.LISTS: "address lists are not ready yet",
    StopReason.SIGINT: "interrupted (Ctrl-C)",
    StopReason.SIGTERM: "asked to stop (SIGTERM)",
}


def say(text: str) -> None:
    """One line of the command's result."""
    with writing_out() as out:
        out.write(f"{text}\n")


def say_json(value: Any) -> None:
    """The command's result as one JSON object on one line."""
    say(as_json(value))


def as_json(value: Any) -> str:
    """On one line."""
    return json.dumps(value, ensure_ascii=False)


def note(text: str) -> None:
    """One line beside the result, to stderr."""
    write_error(text)


def advice(code: Exit, *, command: str = "run", campaign: str, ledger: Path, failed: Path | None) -> str | None:
    """What to do next after that exit code of the command, as commands to copy."""
    where = "" if ledger == Path(LEDGER_NAME) else f" --ledger {quote(str(ledger))}"
    named = f"{quote(campaign)}{where}"
    text = {**_ADVICE, **_OF_COMMAND.get(command, {})}.get(code)
    return None if text is None else text.format(campaign=named, failed=quote(str(failed or "the failed file")))


def stop_words(reason: str | None, detail: str) -> str | None:
    """Why a run ended early, in words."""
    if reason is None:
        return None
    words = _STOPS.get(reason, reason)
    return f"{words} ({detail})" if detail else words


def count_words(counts: Mapping[str, int]) -> dict[str, int]:
    """Rows by state, the good ones first, as people read them."""
    known = [name for name in _ORDER if name in counts]
    return {name.replace("_", " "): counts[name] for name in [*known, *(set(counts) - set(known))]}


def duplicate_words(duplicates: Duplicates) -> dict[str, int]:
    """Rows that are more jobs than one, or may be; nothing where there are none."""
    words = {"known duplicates": duplicates.known, "possible duplicates": duplicates.possible}
    return {name: count for name, count in words.items() if count}


def row_words(count: int) -> str:
    """``1 row``, ``2,000 rows``."""
    return "1 row" if count == 1 else f"{count:,} rows"


def job_words(count: int) -> str:
    """``1 job``, ``2,000 jobs``."""
    return "1 job" if count == 1 else f"{count:,} jobs"


def size_words(count: int) -> str:
    """``512 bytes``, ``4.2 kB``, ``1,403.0 MB``."""
    if count < 1000:
        return f"{count} bytes"
    return f"{count / 1e3:.1f} kB" if count < 1e6 else f"{count / 1e6:,.1f} MB"


def time_words(seconds: float) -> str:
    """``3.1 s``, ``12 min 5 s``, ``3 h 20 min``."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def table(pairs: Mapping[str, Any]) -> str:
    """Names and values in two columns; what is None is left out."""
    shown = {name: value for name, value in pairs.items() if value is not None}
    width = max(map(len, shown), default=0)
    return "\n".join(
        f"{name:<{width}}  {value:,}" if isinstance(value, int) else f"{name:<{width}}  {value}"
        for name, value in shown.items()
    )
