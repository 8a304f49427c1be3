"""
Which call goes wrong, and how.

A plan keeps count of the calls and of the faults it gave; beyond that it is a pure decision. Chance is a function
of seed, rule and call number, not of a running generator: the same calls in the same order meet the same
faults, and a rule added at the end changes nothing for those before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b

from batcher.sandbox.fault import Fault

ANY = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRule:
    """
    One entry of a plan. Without ``calls`` and ``rate`` it fits every call it matches.

    Attributes:
        on: Name of an endpoint, or ``any``.
        calls: Numbers of calls to this endpoint, from 1; under ``any``, of calls to all of them.
        rate: Share of the calls, in [0, 1].
        match: Parameters that must all be given so. ``id`` is the number in the path.
        times: At most so often over all.
        times_each: At most so often for one signature, or for one ``id`` where a call has no signature.
    """

    on: str
    fault: Fault
    calls: frozenset[int] | None = None
    rate: float | None = None
    match: tuple[tuple[str, str], ...] = ()
    times: int | None = None
    times_each: int | None = None


class FaultPlan:
    """The rules in their order; the first that fits a call decides."""

    def __init__(self, rules: Iterable[FaultRule] = (), *, seed: int = 0) -> None:
        """Begin at the first call."""
        self._rules = tuple(rules)
        self._seed = seed
        self._calls: Counter[str] = Counter()
        self._given: Counter[int] = Counter()
        self._given_each: Counter[tuple[int, str]] = Counter()

    def looks_at_parameters(self, endpoint: str) -> bool:
        """Whether the plan must know a call's parameters. Where not, ``refuse`` can come before the body is read."""
        rules = (rule for rule in self._rules if rule.on in (ANY, endpoint))
        return any(rule.match or rule.times_each is not None for rule in rules)

    def next(self, endpoint: str, parameters: Mapping[str, str]) -> Fault | None:
        """Count one call and say what goes wrong with it, if anything."""
        self._calls[endpoint] += 1
        self._calls[ANY] += 1
        who = parameters.get("appSignature") or parameters.get("appid") or parameters.get("id", "")
        for number, rule in enumerate(self._rules):
            if rule.on in (ANY, endpoint) and self._fits(number, rule, parameters, who):
                self._given[number] += 1
                if rule.times_each is not None:
                    self._given_each[number, who] += 1
                return rule.fault
        return None

    def _fits(self, number: int, rule: FaultRule, parameters: Mapping[str, str], who: str) -> bool:
        call = self._calls[rule.on]
        return (
            (rule.calls is None or call in rule.calls)
            and (rule.rate is None or chance(self._seed, number, call) < rule.rate)
            and all(parameters.get(name) == value for name, value in rule.match)
            and (rule.times is None or self._given[number] < rule.times)
            and (rule.times_each is None or self._given_each[number, who] < rule.times_each)
        )


def chance(seed: int, rule: int, call: int) -> float:
    """A number in [0, 1) that looks drawn and is not."""
    digest = blake2b(f"{seed}/{rule}/{call}".encode(), digest_size=7).digest()
    # 53 bits, all that a float between 0 and 1 can hold evenly.
    return (int.from_bytes(digest, "big") >> 3) / (1 << 53)
