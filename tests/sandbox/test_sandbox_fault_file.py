from collections import Counter
from pathlib import Path

import pytest

from batcher.sandbox import DEMO_FAULTS, SandboxError, SandboxSettings, create_app
from batcher.sandbox.fault import Fault, FaultKind
from batcher.sandbox.fault_file import read_plan, read_rules
from batcher.sandbox.fault_plan import FaultRule
from batcher.sandbox.verdicts import Verdict


def test_a_whole_entry() -> None:
    """Every key lands where it belongs."""
    [rule] = read_rules("""
        [[fault]]
        on = "create"
        calls = [3, 5]
        match = {documentId = "5000"}
        times = 2
        times_each = 1
        do = "limit_429"
        retry_after = "date+2"
    """)

    assert rule == FaultRule(
        on="create",
        fault=Fault(kind=FaultKind.LIMIT_429, retry_after="date+2"),
        calls=frozenset((3, 5)),
        match=(("documentId", "5000"),),
        times=2,
        times_each=1,
    )


def test_the_shortest_entries() -> None:
    """One call, a rate, or every call."""
    rules = read_rules("""
        [[fault]]
        on = "any"
        do = "reset"
        [[fault]]
        on = "submit"
        call = 7
        do = "cut"
        [[fault]]
        on = "lookup"
        rate = 0.5
        do = "empty"
    """)

    assert rules == [
        FaultRule(on="any", fault=Fault(kind=FaultKind.RESET)),
        FaultRule(on="submit", fault=Fault(kind=FaultKind.CUT), calls=frozenset((7,))),
        FaultRule(on="lookup", fault=Fault(kind=FaultKind.EMPTY), rate=0.5),
    ]


def test_a_verdict_in_the_plan() -> None:
    """Any row of a return-code table can be asked for."""
    [rule] = read_rules("""
        [[fault]]
        on = "create"
        do = "verdict"
        http = 400
        code = 9
        description = "Product not authorized for this customer"
    """)

    assert rule.fault.verdict == Verdict(400, 9, "Product not authorized for this customer")


@pytest.mark.parametrize("kind", FaultKind)
def test_every_kind_has_a_name(kind: FaultKind) -> None:
    """Each is accepted under its name, with what it cannot do without."""
    needed = {"slow": "seconds = 1", "verdict": 'http = 400\ncode = 9\ndescription = "no"'}

    [rule] = read_rules(f'[[fault]]\non = "create"\ndo = "{kind}"\n{needed.get(kind, "")}')

    assert rule.fault.kind is kind


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ("", "on is missing"),
        ('on = "create"', "do is missing"),
        ('on = "crate"\ndo = "reset"', "on names an unknown 'crate'; known are any, create,"),
        ('on = "create"\ndo = "rest"', "do names an unknown 'rest'; known are refuse,"),
        ('on = "create"\ndo = "reset"\ntims = 1', "unknown key 'tims'"),
        ('on = "create"\ndo = "reset"\ncall = 1\nrate = 0.1', "call and rate exclude each other"),
        ('on = "create"\ndo = "reset"\ncall = 0', "call must be a number from 1"),
        ('on = "create"\ndo = "reset"\ncall = true', "call must be a number from 1"),
        ('on = "create"\ndo = "reset"\ncalls = []', "calls a list of such"),
        ('on = "create"\ndo = "reset"\ncalls = 3', "calls a list of such"),
        ('on = "create"\ndo = "reset"\nrate = 1.5', "rate must be a number from 0 to 1"),
        ('on = "create"\ndo = "reset"\nrate = "much"', "rate must be a number from 0 to 1"),
        ('on = "create"\ndo = "reset"\nmatch = {documentId = 5000}', "match must be a table of texts"),
        ('on = "create"\ndo = "reset"\nmatch = "documentId"', "match must be a table of texts"),
        ('on = "create"\ndo = "reset"\ntimes = 0', "times must be a number from 1"),
        ('on = "create"\ndo = "reset"\ntimes_each = "1"', "times_each must be a number from 1"),
        ('on = "create"\ndo = "slow"', "slow needs seconds"),
        ('on = "create"\ndo = "slow"\nseconds = -1', "seconds must be a number from 0"),
        ('on = "create"\ndo = "reset"\nseconds = 1', "seconds goes with slow, not with reset"),
        ('on = "create"\ndo = "reset"\nretry_after = "2"', "retry_after goes with busy_503 or limit_429, not with"),
        ('on = "create"\ndo = "limit_429"\nretry_after = 2', "retry_after must be a text"),
        ('on = "create"\ndo = "limit_429"\nretry_after = "date+x"', "retry_after has whole seconds"),
        ('on = "create"\ndo = "limit_429"\nretry_after = "date+٣"', "retry_after has whole seconds"),
        (f'on = "create"\ndo = "limit_429"\nretry_after = "date+{"9" * 12}"', "retry_after has whole seconds"),
        (
            f'on = "create"\ndo = "verdict"\nhttp = 400\ncode = 0x{"f" * 5000}\ndescription = ""',
            "code must be a number of at most 18 digits",
        ),
        (
            'on = "create"\ndo = "verdict"\nhttp = 400\ncode = true\ndescription = ""',
            "code must be a number of at most 18 digits",
        ),
        ('on = "create"\ndo = "verdict"\nhttp = 400', "verdict needs code and description"),
        ('on = "create"\ndo = "verdict"\nhttp = 99\ncode = 9\ndescription = ""', "http must be a status"),
        ('on = "create"\ndo = "verdict"\nhttp = 400\ncode = 9\ndescription = 1', "description must be a text"),
        ('on = "create"\ndo = "reset"\ncode = 9', "code goes with verdict, not with reset"),
    ],
)
def test_a_wrong_entry_is_named(entry: str, complaint: str) -> None:
    """The complaint says which entry it is and what is wrong with it, in one line."""
    text = f'[[fault]]\non = "any"\ndo = "stall"\n[[fault]]\n{entry}\n'

    with pytest.raises(ValueError, match=f"^fault 2: .*{complaint}") as refused:
        read_rules(text)

    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[fault]\non = 'create'", "double brackets"),
        ("fault = 1", "double brackets"),
        ("fault = [1]", "double brackets"),
        ("seed = 1", "unknown key 'seed'"),
        ("[[fault]", "line 1"),
    ],
)
def test_a_wrong_plan_is_refused(text: str, complaint: str) -> None:
    """What is no list of [[fault]] tables is no plan."""
    with pytest.raises(ValueError, match=complaint):
        read_rules(text)


def test_the_file_is_named(tmp_path: Path) -> None:
    """A complaint names the file; so does a file that is not there."""
    path = tmp_path / "plan.toml"
    path.write_text('[[fault]]\non = "create"\n')

    with pytest.raises(SandboxError, match=r"^fault plan .*plan\.toml: fault 1: do is missing"):
        create_app(SandboxSettings(faults=path))
    with pytest.raises(SandboxError, match=r"^fault plan .*none\.toml: No such file"):
        create_app(SandboxSettings(faults=tmp_path / "none.toml"))
    path.write_text("fault = " + "[" * 5000)
    with pytest.raises(SandboxError, match="nested too deeply"):
        create_app(SandboxSettings(faults=path))
    path.write_bytes(b"\xff")
    with pytest.raises(SandboxError, match="not UTF-8"):
        create_app(SandboxSettings(faults=path))


def test_the_demonstration_plan_can_be_read() -> None:
    """The plan that is shipped is a plan."""
    assert read_plan(DEMO_FAULTS, seed=1).looks_at_parameters("create")


def test_the_demonstration_leaves_everybody_a_good_attempt() -> None:
    """A client that tries five times gets through at every stage: no row, and no job, meets more faults than four."""
    most: Counter[str] = Counter()
    for rule in read_rules(DEMO_FAULTS.read_text(encoding="utf-8")):
        assert rule.times_each is not None
        most[rule.on] += rule.times_each

    assert most == {"create": 4, "submit": 4, "delete": 4}
