"""The documents beside the code: README names all that there is, links lead somewhere, and every command has help."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from batcher.cli import flags
from batcher.cli.app import app
from batcher.cli.flags import Flag
from batcher.core.errors import Exit
from batcher.core.states import SHOWN_STATES
from batcher.ledger.export import FAILED_COLUMNS, RESULT_COLUMNS
from batcher.manifest import FIELDS
from batcher.sandbox.fault import FaultKind
from batcher.settings.model import CREDENTIALS, setting_names

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "batcher/ARCHITECTURE.md")),
    *sorted((ROOT / "batcher" / "decisions").glob("*.md")),
]
GROUPS = [group for group in vars(flags).values() if isinstance(group, dict)]
FLAGS = [flag for group in GROUPS for flag in group.values() if isinstance(flag, Flag)]
LINK = re.compile(r"\[[^]]*\]\(([^)\s]+)\)")


def commands() -> dict[str, Any]:
    """Every command by what one types, groups left out."""
    return dict(_below("batcher", get_command(app)))


def _below(typed: str, command: Any) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        yield typed, command
        return
    for name, inner in command.commands.items():
        yield from _below(f"{typed} {name}", inner)


def section(title: str) -> str:
    """What stands in README below a heading, down to the next of its level."""
    return README.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def quoted(text: str) -> set[str]:
    """Everything between single backticks."""
    return set(re.findall(r"`([^`\n]+)`", text))


def names_option(spelling: str, text: str) -> bool:
    """Whether an option stands in the text as itself, not only as the beginning of a longer one."""
    return re.search(rf"(?<![\w-]){re.escape(spelling)}(?![\w-])", text) is not None


def settings_row(flag: Flag) -> str:
    """How the line for a flag begins in README's table of settings."""
    spelling = (flag.spelling or f"--{flag.name.replace('_', '-')}") + (
        "" if flag.kind is bool else f" {flag.metavar}".replace("|", "\\|")
    )
    default = flag.default or ("off" if flag.kind is bool else "none")
    return f"| `{spelling}` | `BATCHER_{flag.name.upper()}` | {default} | "


def anchors(document: Path) -> set[str]:
    headings = re.findall(r"(?m)^#+ (.+)$", document.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


# Commands and flags


@pytest.mark.parametrize("typed", sorted(commands()))
def test_every_command_has_help_and_stands_in_readme(typed: str):
    """A command that README does not know is one that nobody finds."""
    command = commands()[typed]

    assert command.help
    assert re.search(rf"^\| `{typed}\b", section("Commands"), re.MULTILINE)


def test_readme_knows_no_command_that_is_not_there():
    """What was planned or taken away is not offered."""
    offered = {match.strip() for match in re.findall(r"(?m)^\| `(batcher [a-z ]+)", section("Commands"))}

    assert offered == set(commands())


@pytest.mark.parametrize("typed", sorted(commands()))
def test_every_option_has_help_and_stands_in_readme(typed: str):
    """Each option by its long spelling; a switch that can be turned off by that one too."""
    options = [option for option in commands()[typed].params if option.param_type_name == "option"]
    spellings = [
        spelling
        for option in options
        for spelling in (*option.opts, *option.secondary_opts)
        if spelling.startswith("--") and option.name != "help"
    ]

    assert [option.name for option in options if not option.help] == []
    assert [spelling for spelling in spellings if not names_option(spelling, README)] == []


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.name)
def test_every_flag_has_its_line_among_the_settings(flag: Flag):
    """Spelling, variable and default are those of the flag; the meaning is for people and free."""
    assert f"\n{settings_row(flag)}" in section("Settings")


def test_every_setting_has_its_variable_in_readme():
    """Those without a flag too."""
    named = quoted(section("Settings"))

    assert [name for name in setting_names() if f"BATCHER_{name.upper()}" not in named] == []


def test_every_setting_stands_in_the_example_file():
    """Credentials do not: they are refused there."""
    lines = (ROOT / "config" / "batcher.toml").read_text(encoding="utf-8").splitlines()
    named = {match[1] for line in lines if (match := re.match(r"(?:# )?(\w+) = ", line))}

    assert set(setting_names()) - named == set(CREDENTIALS)


# What files and exit codes mean


def test_every_exit_code_has_its_line():
    """And no line tells of a code that does not exist."""
    told = [int(code) for code in re.findall(r"(?m)^\| (\d+) \|", section("Exit codes"))]

    assert told == sorted(Exit)


def test_every_column_state_and_field_is_named():
    """Whoever reads a result or writes a manifest finds the word in README."""
    named = quoted(README)
    words = {*RESULT_COLUMNS, *FAILED_COLUMNS, *SHOWN_STATES, *FIELDS}

    assert words - named == set()


def test_every_fault_of_the_sandbox_is_named():
    """Those that act first are told of by their ending."""
    named = quoted(section("The sandbox"))

    assert [kind for kind in FaultKind if kind.removesuffix("_after") not in named] == []


# Links and words


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_links_lead_to_files_and_headings_that_exist(document: Path):
    """Addresses of other hosts are not asked."""
    broken = []
    for target in LINK.findall(document.read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        if "://" in target:
            continue
        found = document if not path else document.parent / path
        if not found.exists() or (anchor and anchor not in anchors(found)):
            broken.append(target)

    assert broken == []


def test_files_that_the_architecture_names_exist():
    """A map of rooms that were rebuilt leads astray."""
    text = (ROOT / "batcher" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:\w+/)+\w+\.(?:py|toml))", text)

    assert named
    rooms = [ROOT if path.startswith("tests/") else ROOT / "batcher" for path in named]
    assert [path for room, path in zip(rooms, named, strict=True) if not (room / path).is_file()] == []


def test_decisions_are_numbered_without_a_gap():
    """0001, 0002 and so on; the heading begins with the number of the file."""
    paths = sorted((ROOT / "batcher" / "decisions").glob("*.md"))

    assert [path.name[:4] for path in paths] == [f"{number:04}" for number in range(1, len(paths) + 1)]
    assert [
        path.name for path in paths if not path.read_text(encoding="utf-8").startswith(f"# {path.name[:4]} – ")
    ] == []
