"""``batcher products`` and ``validate --products``: odd strings are shown as they are, and never mended."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from tests.acceptance.conftest import COLUMNS, LETTER, Sandbox, Shell, emulator
from tests.cli.conftest import Ended

Cli = Callable[..., Ended]
GIVEN = dict(zip(COLUMNS, LETTER, strict=True))


def given(**changes: str) -> list[str]:
    return [f"{field}={value}" for field, value in (GIVEN | changes).items()]


@pytest.fixture
def sandbox(shell: Shell) -> Iterator[Sandbox]:
    with emulator(shell.folder) as running:
        yield running


@pytest.mark.parametrize("arguments", [("list",), ()])
def test_classes_are_listed_offline_with_every_blank_to_be_seen(cli: Cli, arguments: tuple[str, ...]) -> None:
    """`list` may be left out."""
    ended = cli("products", *arguments, "--offline")

    assert ended.code == 0
    assert '"Priority Express Letter  8.5 x 11"' in ended.out
    assert '"Letter 8.5 x 11"' in ended.out


def test_options_of_a_class_offline(cli: Cli) -> None:
    ended = cli("products", "Postcard 5 x 8", "--offline", "--json")
    listed = json.loads(ended.out)

    assert (ended.code, listed["documentClass"]) == (0, "Postcard 5 x 8")
    assert {"", " "} <= set(listed["options"]["envelope"])
    assert all(one["documentClass"] == "Postcard 5 x 8" for one in listed["combinations"])


def test_a_class_of_which_only_values_are_known(cli: Cli) -> None:
    ended = cli("products", "Letter 8.5 x 14", "--offline")

    assert ended.code == 0
    assert ended.out.startswith("layout\n  ")


def test_an_unknown_class_names_the_most_similar(cli: Cli) -> None:
    ended = cli("products", "Leter 8.5 x 11", "--offline")

    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert ended.err.endswith('document class "Leter 8.5 x 11"; the most similar that is known is "Letter 8.5 x 11"\n')


def test_classes_and_options_from_the_remote(cli: Cli, sandbox: Sandbox) -> None:
    classes = cli("products", "--base-url", sandbox.url, "--json")
    options = cli("products", "Postcard 6 x 11", "--base-url", sandbox.url, "--json")

    listed = {one["documentClass"]: one["combinations"] for one in json.loads(classes.out)["classes"]}
    assert listed["Letter 8.5 x 11"] >= 8
    assert json.loads(options.out)["options"]["mailClass"] == ["Standard"]


@pytest.mark.parametrize(
    ("changes", "code", "standing"),
    [
        ({}, 0, "offered"),
        ({"printOption": "Printing Both sides"}, 0, "misspelt"),
        ({"envelope": "Best Fit"}, 0, "resolves"),
        ({"productionTime": "Next Business Day"}, 4, "unknown"),
    ],
)
def test_what_the_remote_says_of_a_combination(
    cli: Cli, sandbox: Sandbox, changes: dict[str, str], code: int, standing: str
) -> None:
    ended = cli("products", "check", *given(**changes), "--base-url", sandbox.url, "--json")

    assert (ended.code, json.loads(ended.out)["standing"]) == (code, standing)


def test_another_spelling_is_a_warning_that_names_the_exact_one(cli: Cli, sandbox: Sandbox) -> None:
    ended = cli("products", "check", *given(layout="Address on  Separate Page"), "--base-url", sandbox.url)

    assert ended.code == 0
    assert ended.err == "warning: the remote lists it in another spelling\n"
    assert 'nearest  layout "Address on Separate Page" instead of "Address on  Separate Page"\n' in ended.out


def test_some_options_alone_are_compared_with_the_list(cli: Cli, sandbox: Sandbox) -> None:
    ended = cli("products", "check", "documentClass=Letter 8.5 x 11", "color=Green", "--base-url", sandbox.url)

    assert ended.code == 0
    assert ended.out.startswith("doubtful\nnearest  color ")


@pytest.mark.parametrize(
    ("changes", "standing", "doubt"),
    [
        ({}, "seen", ""),
        ({"printOption": "Printing Both Sides"}, "seen", ""),
        ({"paperType": "Canary 24#"}, "doubtful", "this combination was never seen; the nearest has "),
        ({"layout": "address on separate page"}, "doubtful", 'seen was only the spelling "Address on Separate Page"'),
    ],
)
def test_offline_there_are_doubts_and_no_verdicts(cli: Cli, changes: dict[str, str], standing: str, doubt: str) -> None:
    ended = cli("products", "check", *given(**changes), "--offline")

    assert ended.code == 0
    assert ended.out.splitlines()[0] == standing
    assert doubt in ended.err
    assert bool(doubt) == ended.err.startswith("warning: ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("layout",), '"layout" is not of the form FIELD=VALUE'),
        (("layot=x",), "layot is no product option; did you mean layout?"),
        (("printColor=x",), "did you mean color?"),
        (("layout=x", "layout=y"), "layout is given twice"),
        (("layout=x",), "documentClass=... is missing"),
        ((), "FIELD=VALUE... is missing"),
    ],
)
def test_a_mistake_gets_one_line(cli: Cli, arguments: tuple[str, ...], said: str) -> None:
    ended = cli("products", "check", *arguments, "--offline")

    assert (ended.code, ended.err.count("\n")) == (2, 1), ended.err
    assert said in ended.err


def test_without_a_target_or_credentials_only_the_shipped_catalogue_can_be_asked(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = cli("products")
    monkeypatch.delenv("BATCHER_PASSWORD")
    nobody = cli("products", "--staging")

    assert (nowhere.code, nobody.code) == (2, 2)
    assert "where to?" in nowhere.err
    assert "no credentials" in nobody.err


@pytest.mark.parametrize(
    ("fault", "code"), [("unauthorized", 7), ("page_502", 5), ("not_found", 5), ("garbage", 5), ("reset", 5)]
)
def test_a_remote_that_does_not_tell_is_not_taken_for_a_verdict(cli: Cli, shell: Shell, fault: str, code: int) -> None:
    faults = f'[[fault]]\non = "any"\ndo = "{fault}"\n'
    with emulator(shell.folder, faults=faults) as sandbox:
        ended = cli("products", "check", *given(), "--base-url", sandbox.url)

    assert (ended.code, ended.out, ended.err.count("\n")) == (code, "", 1)


def test_a_sandbox_started_for_a_question_leaves_nothing_behind(cli: Cli, shell: Shell) -> None:
    ended = cli("products", "check", *given(), "--sandbox")

    assert (ended.code, list(shell.folder.iterdir())) == (0, [])


def test_validate_names_doubtful_products_once_each(cli: Cli, shell: Shell) -> None:
    shell.manifest(6, layout={2: "Address on Seperate Page", 5: "Address on Seperate Page"}, color={3: "full color"})

    ended = cli("validate", "letters.csv", "--products", "--log-format", "json")

    warnings = [line for line in ended.err.splitlines() if line.startswith("warning: ")]
    assert ended.code == 0
    assert warnings == [
        (
            'warning: line 3 and 1 more row: layout "Address on Seperate Page" was never seen with this class; the most'
            ' similar is "Address on Separate Page"'
        ),
        'warning: line 4: color "full color": seen was only the spelling "Full Color"',
    ]
    assert ended.out == "letters.csv: 6 rows, no problems; 3 different products, 2 of them doubtful\n"


def test_validate_looks_at_products_only_when_asked(cli: Cli, shell: Shell) -> None:
    shell.manifest(2, layout={2: "Nonsense"})
    plain = cli("validate", "letters.csv", "--json")
    asked = cli("validate", "letters.csv", "--json", "--products")

    assert json.loads(plain.out) == {"manifest": "letters.csv", "valid": True, "rows": 2}
    assert json.loads(asked.out)["products"] == 2
    assert len(json.loads(asked.out)["product_doubts"]) == 1
