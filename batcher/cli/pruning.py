"""What ``batcher ledger prune`` shows, does and says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from batcher.core.errors import ConfigError, Exit
from batcher.core.retention import Fate, Hindrance, Retention, Usage, fate_of
from batcher.dispatch.clock import timestamp
from batcher.ledger.sqlite.pruning import prune, usages
from batcher.settings import Settings, parse_duration

from .session import ledger_path
from .show import row_words, say, say_json, size_words

_Judged = tuple[Usage, Fate, Hindrance | None]


def pruned(settings: Settings, older_than: str | None, campaigns_older_than: str | None, *, do: bool) -> Exit:
    """
    Prunes the ledger, or shows what would go; returns the command's exit code.

    Raises:
        ConfigError: no age is given, or one is not understood.
    """
    if older_than is None and campaigns_older_than is None:
        raise ConfigError("say what is old: --older-than 90d, --campaigns-older-than 730d, or both")
    now = datetime.now(UTC)
    retention = Retention(
        parameters=_moment("--older-than", older_than, now),
        campaigns=_moment("--campaigns-older-than", campaigns_older_than, now),
    )
    ledger, freed_bytes = ledger_path(settings), 0
    found: Sequence[Usage]
    if do:
        done = prune(ledger, lambda usage: fate_of(usage, retention)[0])
        freed_bytes, found = done.freed_bytes, done.usages
    else:
        found = usages(ledger)
    judged = [(usage, *fate_of(usage, retention)) for usage in found]
    is_anything_left_to_do = not do and any(fate is not Fate.KEPT for _, fate, _ in judged)
    if settings.as_json:
        say_json({"done": do, "freed_bytes": freed_bytes, "campaigns": [_facts(*each) for each in judged]})
    else:
        for line in _lines(judged, do=do, freed_bytes=freed_bytes):
            say(line)
    return Exit.NOT_CONFIRMED if is_anything_left_to_do else Exit.OK


def _moment(flag: str, age: str | None, now: datetime) -> str | None:
    """So long ago."""
    if age is None:
        return None
    if age.strip().replace(".", "", 1).isdigit() and float(age):
        raise ConfigError(f'flag {flag}: "{age}" are seconds; write the unit, like {age}d or {age}s')
    try:
        return timestamp(now - timedelta(seconds=parse_duration(age)))
    except ValueError:
        raise ConfigError(f'flag {flag}: "{age}" is no age; write it like 90d or 36h') from None


def _facts(usage: Usage, fate: Fate, hindrance: Hindrance | None) -> dict[str, Any]:
    return {
        "campaign": usage.campaign,
        "rows": usage.rows,
        "last_used": usage.last_used,
        "open_rows": dict(usage.open_rows),
        "possible_duplicates": usage.possible_duplicates,
        "fate": fate,
        "kept_because": hindrance,
    }


def _lines(judged: Iterable[_Judged], *, do: bool, freed_bytes: int) -> Iterator[str]:
    told = [each for each in judged if each[1] is not Fate.KEPT or each[2] is not None]
    if not told:
        yield "no campaign is old enough for anything to go"
    cells = [(u.campaign, row_words(u.rows), f"last used {u.last_used[:10]}", _words(u, f, h, do)) for u, f, h in told]
    widths = [max(len(line[column]) for line in cells) for column in range(3)] if cells else []
    for line in cells:
        yield "  ".join(f"{cell:<{width}}" for cell, width in zip(line, [*widths, 0], strict=True))
    fates = {fate for _, fate, _ in told}
    if do:
        yield f"freed {size_words(freed_bytes)}"
    elif fates - {Fate.KEPT}:
        if Fate.DROPPED in fates:
            yield "mind  the same rows in another manifest would be sent again once their campaign is gone"
        yield "next  nothing was done yet: add --yes"


def _words(usage: Usage, fate: Fate, hindrance: Hindrance | None, do: bool) -> str:
    goes = {
        Fate.KEPT: "",
        Fate.STRIPPED: "what its rows sent is gone" if do else "what its rows sent goes",
        Fate.DROPPED: "is gone as a whole" if do else "goes as a whole",
    }[fate]
    reasons = {
        None: "",
        Hindrance.OPEN: ", ".join(f"{count:,} {state.replace('_', ' ')}" for state, count in usage.open_rows.items()),
        Hindrance.POSSIBLE_DUPLICATES: f"{usage.possible_duplicates:,} may be more jobs than one",
    }
    stays = "" if hindrance is None else f"{'the rest ' if goes else ''}stays: {reasons[hindrance]}"
    return "; ".join(filter(None, (goes, stays)))
