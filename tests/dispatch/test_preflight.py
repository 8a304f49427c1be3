"""The checks before a run: what they ask, how long they wait, and what they keep from being sent."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from batcher.core.catalogue import Catalogue
from batcher.core.errors import ManifestError
from batcher.core.events import Event, PreflightFinished
from batcher.core.material import (
    DocumentPage,
    ListAnswer,
    ListedDocument,
    ListPage,
    ListStatus,
    ProductOptions,
    list_state_of,
)
from batcher.core.outcome import Answer, Fault, FaultKind, Reply
from batcher.core.pace import Pace
from batcher.core.product import OPTION_FIELDS, Combination
from batcher.core.row import ManifestRow
from batcher.core.tally import StopReason
from batcher.dispatch.plan import RunPlan
from batcher.dispatch.preflight import PreflightPlan, preflight
from batcher.dispatch.run import run_campaign
from batcher.dispatch.stop import Stop
from batcher.ledger.records import Campaign
from batcher.ledger.sqlite import SqliteLedger
from tests.ledger.builders import load, manifest_row
from tests.scripted import HandClock, ScriptedRemote

CARD = dict.fromkeys(OPTION_FIELDS, "x") | {"documentClass": "Card", "addressId": "500", "documentId": "42"}
GONE = Reply(http_status=400, code=9, description="Invalid input data.")
NO_PRODUCT = Reply(http_status=400, code=9, description="Invalid product options. Sku not found.")
PAGE_502 = Reply(http_status=502)
NOTHING_SEEN = Catalogue(combinations={}, options={}, anywhere={"documentClass": ("Card",)})


def card(number: int, **changes: str) -> ManifestRow:
    return manifest_row(number, parameters=CARD | changes)


class ScriptedAccount:
    """Everything is there, unless ``says`` has an answer left for that question; ``asked`` are the questions."""

    def __init__(self, clock: HandClock) -> None:
        self.clock = clock
        self.says: dict[str, deque[Any]] = defaultdict(deque)
        self.always: Callable[[str], Any] = lambda question: None
        self.on_ask: Callable[[str], None] = lambda question: None
        self.latency_s = 0.0
        self.asked: list[str] = []
        self.at: list[float] = []
        self.listed: list[ListedDocument] = []
        self.lists: list[int] = []
        self.page_size = 100
        self.in_flight = 0
        self.most_in_flight = 0

    async def _answer(self, question: str) -> Any:
        self.asked.append(question)
        self.at.append(self.clock.time)
        self.on_ask(question)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            if self.latency_s:
                await self.clock.sleep(self.latency_s)
            await asyncio.sleep(0)
        finally:
            self.in_flight -= 1
        return self.says[question].popleft() if self.says[question] else self.always(question)

    async def list_status(self, list_id: int) -> ListAnswer:
        said: ListAnswer = await self._answer(f"list {list_id}") or list_in(3, list_id)
        return said

    async def address_lists(self, offset: int) -> ListPage | Answer:
        page: Answer | None = await self._answer(f"lists from {offset}")
        return page or ListPage(list_ids=tuple(self.lists[offset : offset + self.page_size]))

    async def documents(self, offset: int) -> DocumentPage | Answer:
        page: Answer | None = await self._answer(f"documents from {offset}")
        return page or DocumentPage(documents=tuple(self.listed[offset : offset + self.page_size]))

    async def product_options(self, document_class: str | None) -> ProductOptions | Answer:
        said = await self._answer(f"options of {document_class}")
        return said or ProductOptions(combinations=(Combination.of(CARD),))

    async def estimate(self, combination: Combination) -> Answer:
        said: Answer | None = await self._answer(f"estimate {combination.values[1]}")
        return said or Reply(http_status=200, code=0)


def list_in(number: int, list_id: int = 500, words: str = "") -> ListStatus:
    return ListStatus(list_id=list_id, number=number, state=list_state_of(number), words=words)


@dataclass
class Bench:
    ledger: SqliteLedger
    clock: HandClock
    account: ScriptedAccount
    events: list[Event] = field(default_factory=list)
    stop: Stop = field(default_factory=Stop)
    pace: Pace = field(default_factory=lambda: Pace(None))
    campaign: Campaign | None = None

    async def check(self, *rows: ManifestRow, **plan: float) -> None:
        self.campaign = await load(self.ledger, list(rows))
        await self.again(**plan)

    async def again(self, **plan: float) -> None:
        assert self.campaign is not None
        await preflight(
            ledger=self.ledger,
            campaign=self.campaign,
            remote=self.account,
            catalogue=NOTHING_SEEN,
            clock=self.clock,
            emit=self.events.append,
            pace=self.pace,
            plan=PreflightPlan(**plan),
            stop=self.stop,
        )

    def named(self, name: str) -> list[Any]:
        return [event for event in self.events if event.name == name]


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    ledger, clock = await SqliteLedger.open(None), HandClock()
    submit = ledger._writer.submit
    ledger._writer.submit = lambda work: clock.track(submit(work))  # type: ignore[method-assign]
    yield Bench(ledger, clock, ScriptedAccount(clock))
    await ledger.close()


async def test_different_values_are_asked_once_each(bench: Bench) -> None:
    rows = [card(n, addressId=str(500 + n % 3), documentId=str(n % 5)) for n in range(1, 41)]
    await bench.check(*rows)

    assert sorted(bench.account.asked) == ["documents from 0", "list 500", "list 501", "list 502", "options of Card"]
    assert bench.events == [
        PreflightFinished(lists=3, documents=5, products=1, requests=5, doubts=0, elapsed_s=0.0),
    ]


async def test_nothing_left_to_send_asks_nothing(bench: Bench) -> None:
    await bench.check()

    assert (bench.account.asked, bench.events) == ([], [])


async def test_what_the_remote_refuses_keeps_all_from_being_sent(bench: Bench) -> None:
    bench.account.says["list 7"] += [GONE]
    bench.account.says["list 9"] += [list_in(9, 9, "Error")]
    bench.account.says["estimate y"] += [NO_PRODUCT]
    bench.account.listed = [ListedDocument(document_id=42, document_class="Poster")]
    with pytest.raises(ManifestError) as refused:
        await bench.check(card(1, addressId="7"), card(2, addressId="007"), card(3, addressId="9"), card(4, layout="y"))

    assert str(refused.value).splitlines()[:-1] == [
        "m.csv: the remote would refuse 4 values in it; nothing was sent",
        '  line 2 and 3 more rows: documentId 42: its class is "Poster" at the remote, not "Card"',
        "  line 2 and 1 more row: addressId 7: the remote has no such list (HTTP 400, code 9: Invalid input data.)",
        "  line 4: addressId 9: the remote could not process this list (state 9, Error); upload it again",
        (
            '  line 5: product "Card": the remote knows no such product (HTTP 400, code 9: Invalid product options. Sku'
            ' not found.); the nearest has layout "x" instead of "y"'
        ),
    ]
    assert refused.value.exit_code == 4
    assert await bench.ledger.counts(bench.campaign) == (4, {"pending": 4})  # type: ignore[arg-type]


async def test_a_list_that_becomes_ready_is_waited_for(bench: Bench) -> None:
    bench.account.says["list 500"] += [list_in(0), list_in(1), PAGE_502, PAGE_502, PAGE_502, list_in(1), list_in(3)]
    await bench.check(card(1), card(2, addressId="501"), list_wait_s=60)

    assert bench.stop.reason is None
    asked_at = [at - 1000 for at, what in zip(bench.account.at, bench.account.asked, strict=True) if what == "list 500"]
    assert asked_at == [0.0, 1.0, 3.0, 3.5, 4.5, 8.5, 16.5]
    assert [(event.lists, event.wait_s) for event in bench.named("lists.awaited")] == [(1, 60)]
    assert bench.account.asked.count("list 501") == 1


async def test_lists_that_stay_unready_end_the_run_before_it_begins(bench: Bench) -> None:
    bench.account.always = lambda question: list_in(1, 500, "Mapped") if question == "list 500" else None
    await bench.check(card(1), list_wait_s=30)

    assert (bench.stop.reason, bench.stop.detail) == (StopReason.LISTS, "addressId 500")
    assert bench.clock.time == 1030.0


async def test_without_a_wait_lists_are_asked_once(bench: Bench) -> None:
    bench.account.says["list 500"] += [list_in(0)]
    await bench.check(card(1), list_wait_s=0)

    assert (bench.stop.reason, bench.account.asked.count("list 500")) == (StopReason.LISTS, 1)


async def test_a_list_that_breaks_while_it_is_waited_for_is_wrong(bench: Bench) -> None:
    bench.account.says["list 500"] += [list_in(0), list_in(9)]
    with pytest.raises(ManifestError, match="could not process"):
        await bench.check(card(1))


@pytest.mark.parametrize("number", [5, 77])
async def test_a_state_that_nobody_explains_stops_nothing(bench: Bench, number: int) -> None:
    bench.account.says["list 500"] += [list_in(number)]
    await bench.check(card(1))

    assert bench.stop.reason is None
    assert [event.about for event in bench.named("preflight.doubted")] == [
        f"addressId 500: the list is in a state that is not known ({number})"
    ]


@pytest.mark.parametrize(
    "answer",
    [Reply(http_status=404), PAGE_502, Reply(http_status=403), Fault(kind=FaultKind.CONNECT, detail="refused")],
)
async def test_what_cannot_be_checked_is_said_once_and_stops_nothing(bench: Bench, answer: Answer) -> None:
    bench.account.always = lambda question: answer
    await bench.check(*(card(n, addressId=str(n), layout=str(n)) for n in range(1, 31)))

    assert bench.stop.reason is None
    assert sorted(event.check for event in bench.named("preflight.skipped")) == [
        "address lists",
        "documents",
        "products",
    ]
    assert len(bench.account.asked) <= 12 * 3


async def test_a_moment_of_trouble_is_passed_over(bench: Bench) -> None:
    bench.account.says["documents from 0"] += [PAGE_502, Fault(kind=FaultKind.RESET)]
    bench.account.says["options of Card"] += [Reply(http_status=429)]
    await bench.check(card(1))

    assert bench.named("preflight.skipped") == []
    assert bench.account.asked.count("documents from 0") == 3


async def test_retry_after_holds_for_all_and_for_the_run_after(bench: Bench) -> None:
    bench.account.says["list 500"] += [Reply(http_status=429, retry_after_s=20.0)]
    rows = [card(n, addressId=str(499 + n)) for n in range(1, 9)]
    await bench.check(*rows)

    assert len([at for at in bench.account.at if at < 1020.0]) <= 4
    assert bench.pace.not_before == 1020.0
    assert [event.wait_s for event in bench.named("pace.changed")] == [20.0]
    assert bench.named("preflight.skipped") == []


async def test_the_rate_holds_and_few_are_asked_at_once(bench: Bench) -> None:
    bench.pace, bench.account.latency_s = Pace(2.0), 5.0
    await bench.check(*(card(n, addressId=str(n)) for n in range(1, 10)))

    assert bench.account.most_in_flight == 4
    assert all(b - a >= 0.5 for a, b in zip(bench.account.at, bench.account.at[1:], strict=False))


async def test_a_remote_that_hangs_holds_the_run_no_longer_than_its_patience(bench: Bench) -> None:
    bench.account.latency_s = 10_000.0
    await bench.check(card(1), patience_s=120)

    assert bench.clock.time == 1120.0
    assert bench.stop.reason is None
    assert [(event.check, event.reason) for event in bench.named("preflight.skipped")] == [
        (check, "not done within 120 s") for check in ("address lists", "documents", "products")
    ]


async def test_what_was_found_before_the_remote_fell_silent_counts(bench: Bench) -> None:
    bench.account.says["list 1"] += [GONE]
    bench.account.says["list 5"] += [PAGE_502] * 3
    with pytest.raises(ManifestError, match="addressId 1:"):
        await bench.check(*(card(n, addressId=str(n)) for n in range(1, 7)))

    assert [event.check for event in bench.named("preflight.skipped")] == ["address lists"]


@pytest.mark.parametrize("reason", [StopReason.SIGTERM, StopReason.SIGINT])
async def test_a_signal_ends_it_at_once(bench: Bench, reason: StopReason) -> None:
    bench.account.latency_s = 10_000.0
    bench.account.on_ask = lambda question: bench.stop.request(reason)
    await bench.check(card(1), card(2, addressId="9"))

    assert (bench.stop.reason, bench.account.in_flight, bench.clock.time) == (reason, 0, 1000.0)
    assert bench.events == []


async def test_a_signal_ends_the_wait_for_lists(bench: Bench) -> None:
    def ask(question: str) -> None:
        if bench.account.asked.count("list 500") == 3:
            bench.stop.request(StopReason.SIGTERM)

    bench.account.on_ask = ask
    bench.account.always = lambda question: list_in(0) if question == "list 500" else None
    await bench.check(card(1), list_wait_s=1e9)

    assert (bench.stop.reason, bench.clock.time) == (StopReason.SIGTERM, 1003.0)


async def test_rejected_credentials_leave_it_to_the_run_to_end(bench: Bench) -> None:
    bench.account.always = lambda question: Reply(http_status=401)
    await bench.check(*(card(n, addressId=str(n)) for n in range(1, 31)))

    assert (bench.stop.reason, bench.stop.detail) == (StopReason.CREDENTIALS, "HTTP 401")
    assert len(bench.account.asked) <= 8


async def test_documents_are_looked_for_page_by_page(bench: Bench) -> None:
    """A page may be short without being the last one."""
    bench.account.page_size = 3
    bench.account.listed = [ListedDocument(document_id=n, document_class="Card") for n in range(1, 11)]
    await bench.check(card(1, documentId="8"), card(2, documentId="2"))

    asked = [what for what in bench.account.asked if what.startswith("documents")]
    assert asked == ["documents from 0", "documents from 3", "documents from 6"]
    assert bench.named("preflight.doubted") == []


async def test_documents_that_are_not_listed_are_doubted_in_one_line(bench: Bench) -> None:
    bench.account.listed = [ListedDocument(document_id=n) for n in range(1, 6)]
    await bench.check(*(card(n, documentId=str(n)) for n in range(4, 9)))

    assert [event.about for event in bench.named("preflight.doubted")] == [
        "documentId 6 and 2 more: not among the 5 documents that the account lists"
    ]


async def test_an_account_that_lists_no_document_says_nothing_of_them(bench: Bench) -> None:
    await bench.check(card(1))

    assert bench.named("preflight.doubted") == []


async def test_a_listing_that_ignores_the_offset_ends(bench: Bench) -> None:
    bench.account.listed = [ListedDocument(document_id=n) for n in range(1, 4)]
    same = DocumentPage(documents=tuple(bench.account.listed))
    bench.account.always = lambda question: same if question.startswith("documents") else None
    await bench.check(card(1, documentId="9"))

    assert [what for what in bench.account.asked if what.startswith("documents")] == [
        "documents from 0",
        "documents from 3",
    ]


async def test_of_very_many_lists_the_unlisted_and_some_others_are_asked(bench: Bench) -> None:
    bench.account.lists, bench.account.latency_s = list(range(1000, 1600)), 0.1
    rows = [card(n, addressId=str(n)) for n in (7, 8, *range(1000, 1500))]
    bench.account.says["list 8"] += [GONE]
    with pytest.raises(ManifestError, match="addressId 8:"):
        await bench.check(*rows)

    asked = [what for what in bench.account.asked if what.startswith("list ")]
    assert len(asked) == 200
    assert {"list 7", "list 8", "list 1000"} <= set(asked)
    assert [event.reason for event in bench.named("preflight.limited")] == ["200 of 502 are asked about"]


async def test_a_product_that_is_not_listed_but_resolves_is_fine(bench: Bench) -> None:
    await bench.check(card(1, layout="y"))

    assert bench.account.asked.count("estimate y") == 1
    assert bench.named("preflight.doubted") == []


async def test_where_no_list_of_options_is_served_estimates_decide(bench: Bench) -> None:
    bench.account.always = lambda question: Reply(http_status=404) if question.startswith("options") else None
    bench.account.says["estimate y"] += [NO_PRODUCT]
    with pytest.raises(ManifestError, match="line 3: product"):
        await bench.check(card(1), card(2, layout="y"))


async def test_where_neither_is_served_the_catalogue_doubts(bench: Bench) -> None:
    bench.account.always = lambda question: (
        Reply(http_status=404) if question.startswith(("options", "estimate")) else None
    )
    await bench.check(card(1), card(2, layout="y"))

    assert [event.about for event in bench.named("preflight.doubted")] == [
        'product "Card": this combination was never seen'
    ] * 2
    assert [event.check for event in bench.named("preflight.skipped")] == ["products"]


async def test_other_spellings_are_named(bench: Bench) -> None:
    await bench.check(card(1, layout="X "))

    assert [event.about for event in bench.named("preflight.doubted")] == [
        'product "Card": is spelled otherwise in what the remote lists; the nearest has layout "x" instead of "X "'
    ]


async def test_what_was_asked_before_a_run_holds_its_first_row_too(bench: Bench) -> None:
    """A ``Retry-After`` that the preflight heard is the account's, not the preflight's."""
    campaign = await load(bench.ledger, 2)
    bench.pace.hold_until(bench.clock.time + 20.0)
    remote = ScriptedRemote(bench.clock)
    await run_campaign(
        ledger=bench.ledger,
        remote=remote,
        clock=bench.clock,
        emit=bench.events.append,
        campaign=campaign,
        plan=RunPlan(),
        stop=bench.stop,
        pace=bench.pace,
    )

    assert min(remote.born.values()) >= 1020.0


def test_the_time_that_was_spent_before_counts() -> None:
    assert RunPlan(max_duration_s=60.0).after(15.0).max_duration_s == 45.0
    assert RunPlan(max_duration_s=60.0).after(75.0).max_duration_s == 0.0
    assert RunPlan().after(15.0) == RunPlan()
