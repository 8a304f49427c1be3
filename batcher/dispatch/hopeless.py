"""Answers that end a run at once: nobody lets us in, or nobody we know lives at that address."""

from __future__ import annotations

from typing import Final

from batcher.core.classify import Verdict
from batcher.core.outcome import Answer, Fault, FaultKind, in_words
from batcher.core.tally import StopReason

from .context import RunContext

_DNS_PATIENCE_S: Final = 5.0


def stop_if_hopeless(context: RunContext, verdict: Verdict, answer: Answer, outage_s: float) -> None:
    """Stops the run where no row can hope for another answer; ``outage_s`` is how long there was only trouble."""
    if verdict in {Verdict.BAD_CREDENTIALS, Verdict.FORBIDDEN}:
        context.stop.request(StopReason.CREDENTIALS, detail=in_words(answer))
    elif verdict is Verdict.PAYMENT_REFUSED:
        context.stop.request(StopReason.PAYMENT, detail=in_words(answer))
    elif not context.succeeded and _is_wrong_address(verdict, answer, outage_s):
        context.stop.request(StopReason.ADDRESS, detail=in_words(answer))


def _is_wrong_address(verdict: Verdict, answer: Answer, outage_s: float) -> bool:
    """
    Whether an answer, before the run's first success, says that nobody we know lives there.

    A name that cannot be resolved gets a few seconds, because a machine that has just started often cannot resolve any.
    """
    if isinstance(answer, Fault):
        return answer.kind is FaultKind.TLS or (answer.kind is FaultKind.DNS and outage_s >= _DNS_PATIENCE_S)
    return verdict in {Verdict.REDIRECTED, Verdict.NOT_FOUND}
