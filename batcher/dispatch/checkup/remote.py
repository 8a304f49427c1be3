"""What the way to the remote and a visit to the account show."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from batcher.click2mail.line import Line
from batcher.click2mail.visit import Visit
from batcher.core.classify import Verdict, classify
from batcher.core.errors import Exit
from batcher.core.job import Balance
from batcher.core.money import money_words
from batcher.core.outcome import Fault, FaultKind, Reply, in_words

from .check import Check, failed, ok, skipped, warning

_CLOCK_OFF_S: Final = 5.0
"""Nothing is decided by the time of day, so only what a person would stumble over is worth a word."""

_CUT_OFF_S: Final = 0.5
"""The remote tells whole seconds: on average this much had passed since, and it may be as much again or nothing."""

_EXPIRES_SOON_DAYS: Final = 14
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_ADDRESS: Final = "check the address (--base-url, --staging, --live)"
_CREDENTIALS: Final = (
    "check BATCHER_USERNAME and BATCHER_PASSWORD, and that they are of this system: staging and live have their own"
)


def connection_check(line: Line, round_trip_s: float | None) -> Check:
    """Whether the address has a name that is known, and somebody who listens."""
    where = f"{line.host}:{line.port}" if line.proxy is None else f"{line.host}:{line.port} by the proxy {line.proxy}"
    times = {"name_s": line.name_s, "connect_s": line.connect_s, "round_trip_s": round_trip_s}
    facts = {name: None if seconds is None else round(seconds, 6) for name, seconds in times.items()}
    if line.connect_s is None and line.fault is not None:
        proxy = "; the environment names a proxy, and --trust-env uses it" if line.passes_by_proxy else ""
        next_step = f"{_ADDRESS} and the network{proxy}"
        return failed("connection", f"{where}: {in_words(line.fault)}", next_step, Exit.USAGE, **facts)
    words = {"name": line.name_s, "connect": line.connect_s, "round trip": round_trip_s}
    told = ", ".join(f"{name} {_ms(seconds)}" for name, seconds in words.items() if seconds is not None)
    aside = " (not by the proxy that the environment names; --trust-env uses it)" if line.passes_by_proxy else ""
    return ok("connection", f"{where}: {told}{aside}", **facts)


def tls_check(line: Line, authorities: str, now: datetime) -> Check:
    """
    Whether the remote shows who it is.

    Args:
        authorities: Whose word is taken for that, in words.
    """
    if not line.encrypted:
        if line.host in _LOCAL:
            return ok("TLS", "none, and none is needed on this machine")
        return warning("TLS", "http:// sends the password so that everybody on the way can read it", "use https://")
    if line.fault is not None:
        if line.fault.kind is not FaultKind.TLS:
            return skipped("TLS", "no connection")
        next_step = f"{_ADDRESS}; for a certificate of your own authority name it with --ca-file"
        return failed("TLS", line.fault.detail, next_step, Exit.USAGE)
    if line.valid_until is None:
        return skipped("TLS", f"through a proxy it is verified by {authorities} with every request, and not looked at")
    days = (line.valid_until - now).days
    what = f"the certificate is verified by {authorities}, and valid for {days:,} days more"
    until = line.valid_until.isoformat()
    if days < _EXPIRES_SOON_DAYS:
        whose = "tell those who run the address: runs stop when it has expired"
        return warning("TLS", what, whose, valid_until=until, days=days)
    return ok("TLS", what, valid_until=until, days=days)


def credentials_check(visit: Visit) -> Check:
    """Whether the account lets us in, and the address is one of the API."""
    answer = visit.answer
    if isinstance(answer, Balance):
        return ok("credentials", "the account lets us in")
    said = f"GET /credit: {in_words(answer)}"
    match classify(answer):
        case Verdict.BAD_CREDENTIALS:
            return failed("credentials", f"{said}: user name or password is wrong", _CREDENTIALS, Exit.REFUSED)
        case Verdict.FORBIDDEN:
            what = f"{said}: the account may not use the API"
            return failed("credentials", what, f"ask the vendor about the account; {_CREDENTIALS}", Exit.REFUSED)
        case Verdict.NOT_FOUND | Verdict.REDIRECTED:
            what = f"{said}: the API is not served at this address"
            return failed("credentials", what, f"{_ADDRESS}; it usually ends with /molpro", Exit.USAGE)
        case Verdict.UNREACHED:
            return failed("credentials", f"not asked: {in_words(answer)}", f"{_ADDRESS} and the network", Exit.USAGE)
    if isinstance(answer, Reply) and answer.http_status in {200, 201}:
        return warning("credentials", f"{said}: let in, but that is no credit page of the API", _ADDRESS)
    return warning("credentials", f"not known: {said}", "try again later")


def credit_check(visit: Visit) -> Check:
    """What is left to spend."""
    answer = visit.answer
    if not isinstance(answer, Balance):
        return skipped("credit", "the remote did not tell")
    what = f"{money_words(answer.micros)} USD" + (", and it may go below 0" if answer.may_be_negative else "")
    dollars = answer.micros / 1_000_000
    if answer.micros > 0 or answer.may_be_negative:
        return ok("credit", what, credit_usd=dollars)
    next_step = "drafts cost nothing; to submit them buy credit, or pay in another way"
    return warning("credit", what, next_step, credit_usd=dollars)


def clock_check(visit: Visit) -> Check:
    """Whether this machine and the remote agree on the time of day, as far as half a round trip lets one know."""
    if isinstance(visit.answer, Fault) or visit.date is None:
        return skipped("clock", "the remote did not tell its time")
    ahead_s = (visit.at - visit.date).total_seconds() - _CUT_OFF_S
    unsure_s = visit.round_trip_s / 2 + _CUT_OFF_S
    facts = {"ahead_s": round(ahead_s, 3), "unsure_s": round(unsure_s, 3)}
    if abs(ahead_s) - unsure_s <= _CLOCK_OFF_S:
        return ok("clock", f"agrees with the remote's within {abs(ahead_s) + unsure_s:.1f} s", **facts)
    what = f"this machine is {abs(ahead_s):,.0f} s {'ahead of' if ahead_s > 0 else 'behind'} the remote"
    next_step = (
        "set the clock (NTP): times in results, {date} in campaign names and a mailingDate that is reckoned here go by"
        " it; no row is sent or settled by it"
    )
    return warning("clock", what, next_step, **facts)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.1f} ms"
