"""What the way to the remote and a visit to the account are taken for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from batcher.click2mail.line import Line
from batcher.click2mail.visit import Visit
from batcher.core.errors import ConfigError, Exit, LedgerBusy, LedgerError
from batcher.core.job import Balance, BalanceAnswer
from batcher.core.outcome import Fault, FaultKind, Reply
from batcher.core.tally import StopReason
from batcher.dispatch.checkup import Check, Level, exit_of, failed, failed_by, ok, warning
from batcher.dispatch.checkup.remote import clock_check, connection_check, credentials_check, credit_check, tls_check

NOW = datetime(2026, 11, 21, 20, 0, 30, 500_000, tzinfo=UTC)
LINE = Line(host="rest.test", port=443, encrypted=True, name_s=0.01, connect_s=0.02, valid_until=NOW + timedelta(60))
CREDIT = Balance(micros=12_500_000)
NOT_SENT = Fault(kind=FaultKind.TLS, detail="certificate has expired")


def visit(answer: BalanceAnswer = CREDIT, *, ahead_s: float = 0.0, round_trip_s: float = 0.2) -> Visit:
    """A visit by somebody whose clock is so far ahead; the remote's shows half a second past a full one."""
    date = NOW.replace(microsecond=0)
    return Visit(answer=answer, round_trip_s=round_trip_s, date=date, at=NOW + timedelta(seconds=ahead_s))


def short(check: Check) -> tuple[Level, Exit]:
    return check.level, check.exit_code


OK = (Level.OK, Exit.OK)
WARNED = (Level.WARNING, Exit.OK)
SKIPPED = (Level.SKIPPED, Exit.OK)
WRONG = (Level.FAILED, Exit.USAGE)
REFUSED = (Level.FAILED, Exit.REFUSED)


# The exit code


@pytest.mark.parametrize(
    ("codes", "stop", "expected"),
    [
        ([], None, Exit.OK),
        ([Exit.USAGE], None, Exit.USAGE),
        ([Exit.USAGE, Exit.REFUSED], None, Exit.REFUSED),
        ([Exit.REFUSED, Exit.LEDGER_BROKEN, Exit.USAGE], None, Exit.LEDGER_BROKEN),
        ([], StopReason.SIGINT, Exit.SIGINT),
        ([], StopReason.SIGTERM, Exit.SIGTERM),
        ([Exit.LEDGER_BROKEN], StopReason.SIGINT, Exit.LEDGER_BROKEN),
    ],
)
def test_the_gravest_failure_is_the_exit_code(codes: list[Exit], stop: StopReason | None, expected: Exit) -> None:
    checks = [ok("a", "well"), warning("b", "look at it"), *(failed("c", "bad", None, code) for code in codes)]

    assert exit_of(checks, stop) is expected


@pytest.mark.parametrize(
    "error", [ConfigError("what; what to do; and more"), LedgerError("what; what to do; and more")]
)
def test_an_error_says_what_is_wrong_and_behind_a_semicolon_what_to_do(error: ConfigError | LedgerError) -> None:
    check = failed_by("it", error)

    assert (check.what, check.next_step, check.exit_code) == ("what", "what to do; and more", error.exit_code)


def test_an_error_without_advice_has_none() -> None:
    assert failed_by("it", LedgerBusy("what")).next_step is None


# Connection and TLS


def test_a_connection_tells_its_times() -> None:
    check = connection_check(LINE, 0.0345)

    assert short(check) == OK
    assert check.what == "rest.test:443: name 10.0 ms, connect 20.0 ms, round trip 34.5 ms"
    assert check.facts == {"name_s": 0.01, "connect_s": 0.02, "round_trip_s": 0.0345}


@pytest.mark.parametrize("kind", [FaultKind.DNS, FaultKind.CONNECT])
def test_no_connection_is_a_wrong_address(kind: FaultKind) -> None:
    line = replace(LINE, connect_s=None, valid_until=None, fault=Fault(kind=kind, detail="no"))
    proxied = replace(line, passes_by_proxy=True)

    assert (short(connection_check(line, None)), short(tls_check(line, "us", NOW))) == (WRONG, SKIPPED)
    assert "--trust-env" not in str(connection_check(line, None).next_step)
    assert "--trust-env uses it" in str(connection_check(proxied, None).next_step)


def test_a_proxy_is_named_whether_it_is_used_or_not() -> None:
    used = replace(LINE, proxy="proxy.test:3128", valid_until=None)
    unused = replace(LINE, passes_by_proxy=True)

    assert "rest.test:443 by the proxy proxy.test:3128:" in connection_check(used, None).what
    assert "--trust-env uses it" in connection_check(unused, None).what
    assert short(tls_check(used, "us", NOW)) == SKIPPED


@pytest.mark.parametrize(("days", "expected"), [(60, OK), (14, OK), (13, WARNED), (0, WARNED)])
def test_a_certificate_that_ends_soon_is_worth_a_word(days: int, expected: tuple[Level, Exit]) -> None:
    check = tls_check(replace(LINE, valid_until=NOW + timedelta(days=days, hours=1)), "the authorities in f.pem", NOW)

    assert short(check) == expected
    assert check.what == f"the certificate is verified by the authorities in f.pem, and valid for {days} days more"
    assert check.facts["days"] == days


def test_a_certificate_that_is_not_trusted_fails() -> None:
    check = tls_check(replace(LINE, valid_until=None, fault=NOT_SENT), "us", NOW)

    assert (short(check), check.what) == (WRONG, "certificate has expired")
    assert "--ca-file" in str(check.next_step)
    assert short(connection_check(replace(LINE, fault=NOT_SENT), None)) == OK


@pytest.mark.parametrize(
    ("host", "expected"), [("127.0.0.1", OK), ("localhost", OK), ("::1", OK), ("rest.test", WARNED)]
)
def test_no_tls_is_for_this_machine_only(host: str, expected: tuple[Level, Exit]) -> None:
    assert short(tls_check(replace(LINE, host=host, encrypted=False, valid_until=None), "us", NOW)) == expected


# Credentials and credit


@pytest.mark.parametrize(
    ("answer", "expected", "says"),
    [
        (CREDIT, OK, "lets us in"),
        (Reply(http_status=401), REFUSED, "HTTP 401"),
        (Reply(http_status=403), REFUSED, "may not use the API"),
        (Reply(http_status=404), WRONG, "not served at this address"),
        (Reply(http_status=302), WRONG, "not served at this address"),
        (Reply(http_status=200), WARNED, "no credit page"),
        (Reply(http_status=200, code=9, description="no"), WARNED, "no credit page"),
        (Reply(http_status=500, code=9, description="oh"), WARNED, "not known: GET /credit: HTTP 500, code 9: oh"),
        (Reply(http_status=429), WARNED, "not known: GET /credit: HTTP 429"),
        (Reply(http_status=503, retry_after_s=9.0), WARNED, "not known"),
        (Reply(http_status=400, code=9, description="no"), WARNED, "not known"),
        (Fault(kind=FaultKind.TIMEOUT, detail="no answer"), WARNED, "not known: GET /credit: timeout: no answer"),
        (NOT_SENT, WRONG, "not asked: tls: certificate has expired"),
    ],
)
def test_credentials(answer: BalanceAnswer, expected: tuple[Level, Exit], says: str) -> None:
    check = credentials_check(visit(answer))

    assert (short(check), says in check.what) == (expected, True), check.what
    assert (check.next_step is None) == (check.level is Level.OK)


@pytest.mark.parametrize(
    ("answer", "expected", "what"),
    [
        (CREDIT, OK, "12.50 USD"),
        (Balance(micros=0), WARNED, "0.00 USD"),
        (Balance(micros=-1_000_000), WARNED, "-1.00 USD"),
        (Balance(micros=-1_000_000, may_be_negative=True), OK, "-1.00 USD, and it may go below 0"),
        (Reply(http_status=401), SKIPPED, "the remote did not tell"),
    ],
)
def test_credit(answer: BalanceAnswer, expected: tuple[Level, Exit], what: str) -> None:
    check = credit_check(visit(answer))

    assert (short(check), check.what) == (expected, what)


# The clock


@pytest.mark.parametrize(
    ("ahead_s", "round_trip_s", "expected"),
    [
        (0.0, 0.2, OK),
        (5.5, 0.2, OK),
        (5.7, 0.2, WARNED),
        (-5.5, 0.2, OK),
        (-5.7, 0.2, WARNED),
        (15.0, 20.0, OK),
        (15.6, 20.0, WARNED),
    ],
)
def test_half_a_round_trip_and_the_cut_off_second_are_allowed_for(
    ahead_s: float, round_trip_s: float, expected: tuple[Level, Exit]
) -> None:
    assert short(clock_check(visit(ahead_s=ahead_s, round_trip_s=round_trip_s))) == expected


def test_a_clock_that_is_off_says_which_way_and_what_it_is_for() -> None:
    ahead, behind = clock_check(visit(ahead_s=3600.0)), clock_check(visit(ahead_s=-90.0))

    assert ahead.what == "this machine is 3,600 s ahead of the remote"
    assert behind.what == "this machine is 90 s behind the remote"
    assert ahead.facts == {"ahead_s": 3600.0, "unsure_s": 0.6}
    assert all(word in str(ahead.next_step) for word in ("results", "{date}", "mailingDate", "no row is sent"))


def test_a_clock_of_which_nothing_is_told_is_skipped() -> None:
    assert short(clock_check(replace(visit(), date=None))) == SKIPPED
    assert short(clock_check(visit(Fault(kind=FaultKind.TIMEOUT)))) == SKIPPED
