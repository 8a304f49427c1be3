import pytest

from batcher.sandbox import DEMO_FAULTS
from batcher.sandbox.fault import Fault, FaultKind
from batcher.sandbox.fault_file import read_plan
from batcher.sandbox.fault_plan import FaultPlan, FaultRule, chance

RESET = Fault(kind=FaultKind.RESET)
STALL = Fault(kind=FaultKind.STALL)


def given_by(plan: FaultPlan, calls: int, endpoint: str = "create", **parameters: str) -> list[int]:
    """Which of the next calls, from 1, got a fault."""
    return [call for call in range(1, calls + 1) if plan.next(endpoint, parameters) is not None]


def test_no_rules_no_faults() -> None:
    """An empty plan lets everything pass."""
    assert given_by(FaultPlan(), 100) == []


def test_calls_are_counted_by_endpoint() -> None:
    """The second and fourth create fail, whatever else is called between them."""
    plan = FaultPlan([FaultRule(on="create", fault=RESET, calls=frozenset((2, 4)))])

    assert given_by(plan, 3) == [2]
    assert given_by(plan, 10, "submit") == []
    assert given_by(plan, 3) == [1]


def test_any_counts_all_calls() -> None:
    """The third call of all fails."""
    plan = FaultPlan([FaultRule(on="any", fault=RESET, calls=frozenset((3,)))])

    assert plan.next("create", {}) is None
    assert plan.next("lookup", {}) is None
    assert plan.next("credit", {}) == RESET


def test_the_first_rule_that_fits_decides() -> None:
    """Order is precedence."""
    plan = FaultPlan(
        [
            FaultRule(on="create", fault=RESET, calls=frozenset((2,))),
            FaultRule(on="any", fault=STALL),
        ]
    )

    assert [plan.next("create", {}) for _ in range(3)] == [STALL, RESET, STALL]


def test_all_parameters_must_match() -> None:
    """A rule for one document leaves the others alone."""
    rule = FaultRule(on="create", fault=RESET, match=(("documentId", "5000"), ("addressId", "6")))
    plan = FaultPlan([rule])

    assert plan.next("create", {"documentId": "5000", "addressId": "7"}) is None
    assert plan.next("create", {"documentId": "5000"}) is None
    assert plan.next("create", {"documentId": "5000", "addressId": "6", "more": ""}) == RESET


def test_times_is_a_limit_over_all() -> None:
    """After two faults the rule is spent."""
    assert given_by(FaultPlan([FaultRule(on="create", fault=RESET, times=2)]), 10) == [1, 2]


def test_times_each_is_a_limit_for_one_signature() -> None:
    """Each row meets the fault once; a call without a signature goes by its id."""
    plan = FaultPlan([FaultRule(on="any", fault=RESET, times_each=1)])

    assert given_by(plan, 3, appSignature="a") == [1]
    assert given_by(plan, 3, appSignature="b") == [1]
    assert given_by(plan, 3, "lookup", appid="b") == []
    assert given_by(plan, 3, "submit", id="13000001") == [1]
    assert given_by(plan, 3, "submit", id="13000002") == [1]


def test_a_rate_is_met() -> None:
    """Of ten thousand calls about a tenth fail."""
    faults = given_by(FaultPlan([FaultRule(on="create", fault=RESET, rate=0.1)], seed=5), 10_000)

    assert 900 <= len(faults) <= 1100


@pytest.mark.parametrize(("rate", "expected"), [(0.0, 0), (1.0, 1000)])
def test_the_ends_of_a_rate(rate: float, expected: int) -> None:
    """0 is never and 1 is always."""
    assert len(given_by(FaultPlan([FaultRule(on="create", fault=RESET, rate=rate)]), 1000)) == expected


def test_the_same_seed_gives_the_same_faults() -> None:
    """The same calls in the same order fail again; under another seed others do."""
    rules = [FaultRule(on="create", fault=RESET, rate=0.3)]

    once, again = given_by(FaultPlan(rules, seed=1), 200), given_by(FaultPlan(rules, seed=1), 200)

    assert once == again
    assert once != given_by(FaultPlan(rules, seed=2), 200)


def test_a_later_rule_changes_nothing_for_an_earlier_one() -> None:
    """The faults of the first rule are the same when a second is added."""
    first, second = FaultRule(on="create", fault=RESET, rate=0.3), FaultRule(on="create", fault=STALL, rate=0.3)

    alone, both = FaultPlan([first]), FaultPlan([first, second])

    for _ in range(200):
        assert (alone.next("create", {}) == RESET) == (both.next("create", {}) == RESET)


def test_chance_is_spread_evenly() -> None:
    """Drawn numbers are in [0, 1) and their mean is a half."""
    drawn = [chance(3, 0, call) for call in range(10_000)]

    assert 0 <= min(drawn) < max(drawn) < 1
    assert abs(sum(drawn) / len(drawn) - 0.5) < 0.02


def test_a_plan_says_whether_it_looks_at_parameters() -> None:
    """It does where a rule for this endpoint matches them or counts by signature."""
    plan = FaultPlan(
        [
            FaultRule(on="create", fault=RESET, calls=frozenset((1,))),
            FaultRule(on="submit", fault=RESET, times_each=1),
            FaultRule(on="delete", fault=RESET, match=(("id", "1"),)),
        ]
    )

    looks = {endpoint: plan.looks_at_parameters(endpoint) for endpoint in ("create", "submit", "delete", "credit")}

    assert looks == {"create": False, "submit": True, "delete": True, "credit": False}


@pytest.mark.parametrize(("endpoint", "who"), [("create", "appSignature"), ("submit", "id"), ("delete", "id")])
def test_the_demonstration_always_ends_well(endpoint: str, who: str) -> None:
    """Its faults come at about their rates, and no row and no job meets more than four of them at a stage."""
    plan = read_plan(DEMO_FAULTS, seed=1)

    kinds: dict[str, int] = {}
    for row in range(10_000):
        met = [plan.next(endpoint, {who: str(row)}) for _ in range(10)]
        assert sum(fault is not None for fault in met) <= 4
        if met[0] is not None:
            kinds[met[0].kind] = kinds.get(met[0].kind, 0) + 1

    assert set(kinds) == {"error_500", "reset_after", "page_502_after"}
    assert 300 < kinds["error_500"] < 500
    assert 90 < kinds["reset_after"] < 210
    assert 25 < kinds["page_502_after"] < 85
