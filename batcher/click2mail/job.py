"""
What the remote says of one job, and of the account: state, cost, credit.

On these pages ``status`` is not always a return code: ``GET /jobs/{id}`` shows the job's state there (API reference,
"Check job status"). A page counts only where it is whole and names the very job that was asked for.
"""

from __future__ import annotations

from batcher.core.job import Balance, BalanceAnswer, Cost, CostAnswer, JobAnswer, JobStatus, state_of
from batcher.core.money import read_money
from batcher.core.outcome import Reply

from .document import Document, children, only_text, read_document, texts, whole_number
from .page import Page
from .reply import one_line, read_reply

_GOOD = frozenset({200, 201})
_LONGEST_ERROR = 120
_POSTAGE = ("standardCost", "nonStandardCost", "nonstandardCost", "internationalCost")


def read_job_status(page: Page, job_id: int) -> JobAnswer:
    """Where the job stands; a ``Reply`` where the page does not say it of this job."""
    document = read_document(page.body) if page.http_status in _GOOD else None
    number = None if document is None else whole_number(only_text(document, "status"))
    if document is None or number is None or whole_number(only_text(document, "id")) != job_id:
        return read_reply(page.http_status, page.body, page.retry_after_s)
    words = one_line(only_text(document, "description") or only_text(document, "jobStatus") or "")
    error = one_line(only_text(document, "errorMessage") or "")[:_LONGEST_ERROR].rstrip()
    return JobStatus(job_id=job_id, state=state_of(number, words), words=words, error=error)


def read_cost(page: Page, job_id: int) -> CostAnswer:
    """What the job costs with its tax; a ``Reply`` where the page does not say it of this job."""
    document = read_document(page.body) if page.http_status in _GOOD else None
    if document is not None and _names_another(document, job_id):
        document = None
    micros = None if document is None else _total(document)
    if document is None or micros is None or whole_number(only_text(document, "status")) not in {0, None}:
        return _no_news(page)
    return Cost(micros=micros, pieces=_pieces(document))


def read_balance(page: Page) -> BalanceAnswer:
    """The account's credit; a ``Reply`` where the page does not say it."""
    document = read_document(page.body, "credit") if page.http_status in _GOOD else None
    micros = None if document is None else read_money(only_text(document, "balance"))
    if document is None or micros is None:
        return _no_news(page)
    negative = (only_text(document, "allowNegative") or "").strip().lower() == "true"
    return Balance(micros=micros, may_be_negative=negative)


def _no_news(page: Page) -> Reply:
    return read_reply(page.http_status, page.body, page.retry_after_s)


def _names_another(document: Document, job_id: int) -> bool:
    named = texts(document, "id")
    return bool(named) and [whole_number(text) for text in named] != [job_id]


def _total(document: Document) -> int | None:
    """Cost and tax together; None where the cost is no amount, or the tax is there and none."""
    cost, taxes = read_money(only_text(document, "cost")), texts(document, "totalTax")
    tax = read_money(taxes[0]) if len(taxes) == 1 else None
    if cost is None or cost < 0 or (taxes and (tax is None or tax < 0)):
        return None
    return cost + (tax or 0)


def _pieces(document: Document) -> int | None:
    parts = [part for name in _POSTAGE for part in children(document, name)]
    quantities = [whole_number(only_text(part, "quantity")) for part in parts]
    known = [quantity for quantity in quantities if quantity is not None]
    return sum(known) if known else None
