"""``batcher status --remote``: asks where the submitted jobs stand; and how that is shown, whoever asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from batcher.core.errors import ConfigError, Exit
from batcher.core.tracking import GONE_WRONG, NOT_FOUND, NOT_UNDERSTOOD, UNSUBMITTED

from .show import advice, job_words, row_words, stop_words

if TYPE_CHECKING:
    from batcher.dispatch.tracking import Tracked
    from batcher.ledger.job_records import Whereabouts
    from batcher.ledger.records import Campaign, Result
    from batcher.ledger.sqlite import SqliteReader
    from batcher.settings import Settings

_MOST_ASKED: Final = 1000
_MOST_LISTED: Final = 20
_STANDS: Final = {
    NOT_FOUND: "is not known at the remote",
    NOT_UNDERSTOOD: "is in a state at the remote that is not understood",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One call's questions, and why they ended early."""

    tracked: Tracked
    stopped_by: str | None
    stopped: str | None
    exit_code: Exit
    next: str | None


def require_askable(campaign: str | None, *, watch: bool) -> str:
    """
    The campaign to ask for.

    Raises:
        ConfigError: ``--remote`` does not fit what else was given.
    """
    if campaign is None:
        raise ConfigError("--remote asks for one campaign's jobs: name it, `batcher status CAMPAIGN --remote`")
    if watch:
        raise ConfigError("--remote asks once, and --watch shows what the ledger has: give one of them")
    return campaign


async def ask_remote(name: str, settings: Settings, *, quiet: bool) -> Asked:
    """Reads where the campaign's submitted jobs stand into the ledger: at most ``--limit`` of them."""
    from batcher.core.tally import exit_of_stop
    from batcher.dispatch.tracking import track

    from .sitting import sitting

    async with sitting("status", name, settings, quiet=quiet, verbose=False) as at:
        with at.observed() as passes:
            tracked = await track(
                passes.asking(),
                at.ledger,
                at.remote,
                at.campaign,
                limit=settings.limit or _MOST_ASKED,
                now=passes.clock.now,
                emit=passes.emit,
                stop=at.stop,
            )
        if at.stop.error is not None:
            raise at.stop.error
        reason = at.stop.reason
        code = Exit.OK if reason is None else exit_of_stop(reason)
        return Asked(
            tracked=tracked,
            stopped_by=reason,
            stopped=stop_words(reason, at.stop.detail),
            exit_code=code,
            next=advice(code, command="status", campaign=name, ledger=at.path, failed=None),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Troubled:
    """The first submitted rows whose jobs stand where they should not; ``drafts`` contradict the ledger."""

    drafts: tuple[Result, ...] = ()
    errors: tuple[Result, ...] = ()


def read_troubled(reader: SqliteReader, campaign: Campaign, seen: Whereabouts) -> Troubled:
    """Reads them where there are any."""

    def rows(states: tuple[str, ...]) -> tuple[Result, ...]:
        there = [state for state in states if state in seen.counts]
        return tuple(reader.seen_at_remote(campaign, there, _MOST_LISTED)) if there else ()

    return Troubled(drafts=rows(UNSUBMITTED), errors=rows(GONE_WRONG))


def remote_words(seen: Whereabouts) -> dict[str, str | None]:
    """For people: ``ordered 3, awaiting production 500, mailed 480``; nothing where no job was submitted."""
    parts = [f"{state.replace('_', ' ')} {count:,}" for state, count in seen.counts.items()]
    parts += [f"not read yet {seen.unread:,}"] if seen.unread else []
    return {"at the remote": ", ".join(parts) or None, "last asked": seen.asked_at}


def asked_words(asked: Asked | None) -> dict[str, str | None]:
    """For people: what became of this call's questions."""
    if asked is None:
        return {}
    tracked = asked.tracked
    again = "" if asked.stopped_by else ": the same command again asks for the next"
    return {
        "asked now": job_words(tracked.asked),
        "not answered": f"{job_words(tracked.unanswered)} ({tracked.silence})" if tracked.unanswered else None,
        "not asked": f"{job_words(tracked.not_asked)}{again}" if tracked.not_asked else None,
        "stopped": asked.stopped,
        "next": asked.next,
    }


def trouble_lines(seen: Whereabouts, troubled: Troubled, asked: Asked | None) -> Iterator[str]:
    """For people: a line a row, with what the remote said where it was asked just now."""
    said = {} if asked is None else asked.tracked.words
    for row in troubled.drafts:
        stands = (row.remote_state or "").replace("_", " ")
        yield (
            f"  row {row.row_number} ({row.key}): ALARM: it was submitted, and job {row.job_id} is a draft at the"
            f" remote ({stands}), which is not mailed; ask again in five minutes, and if it still is one, look at it in"
            " the account: batcher does not submit it again"
        )
    yield from _unlisted(seen, UNSUBMITTED, troubled.drafts)
    for row in troubled.errors:
        stands = _STANDS.get(row.remote_state or "", f"is in {row.remote_state} at the remote")
        words = said.get(row.row_number)
        yield f"  row {row.row_number} ({row.key}): job {row.job_id} {stands}{f': {words}' if words else ''}"
    yield from _unlisted(seen, GONE_WRONG, troubled.errors)


def remote_facts(seen: Whereabouts) -> dict[str, Any] | None:
    """For programs; None where no job was submitted."""
    if not seen.counts and not seen.unread:
        return None
    return {"counts": dict(seen.counts), "unread": seen.unread, "asked_at": seen.asked_at}


def trouble_facts(troubled: Troubled, asked: Asked | None) -> dict[str, Any]:
    """For programs: the rows, and what became of this call's questions."""
    said: Mapping[int, str] = {} if asked is None else asked.tracked.words
    facts: dict[str, Any] = {
        "remote_drafts": _rows(troubled.drafts, said),
        "remote_errors": _rows(troubled.errors, said),
    }
    if asked is not None:
        facts["asking"] = {
            "asked": asked.tracked.asked,
            "unanswered": asked.tracked.unanswered,
            "not_asked": asked.tracked.not_asked,
            "exit_code": int(asked.exit_code),
            "stopped_by": asked.stopped_by,
            "stopped": asked.stopped,
            "next": asked.next,
        }
    return facts


def _rows(rows: Iterable[Result], said: Mapping[int, str]) -> list[dict[str, Any]]:
    return [
        {
            "row_number": row.row_number,
            "key": row.key,
            "job_id": row.job_id,
            "remote_state": row.remote_state,
            "words": said.get(row.row_number),
        }
        for row in rows
    ]


def _unlisted(seen: Whereabouts, states: tuple[str, ...], listed: tuple[Result, ...]) -> Iterator[str]:
    unlisted = sum(seen.counts.get(state, 0) for state in states) - len(listed)
    if unlisted > 0:
        yield f"  … and {row_words(unlisted)} more of that kind; `batcher results` has them, column remote_state"
