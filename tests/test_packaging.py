"""What is shipped: pins, image, top level and the README's commands."""

import re
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import batcher

ROOT = Path(__file__).resolve().parent.parent

TOP_LEVEL = {
    "pyproject.toml",
    "Dockerfile",
    "batcher",
    "tests",
    "config",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
}

PIN = re.compile(
    r"(?m)^(?P<name>[a-z0-9-]+)==(?P<version>[^ ;]+)(?: ; [^\\]+)? \\(?:\n    --hash=sha256:[0-9a-f]{64}(?: \\)?)+\n"
)


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def project() -> dict[str, Any]:
    return tomllib.loads(text("pyproject.toml"))


def requirements() -> dict[str, list[Requirement]]:
    """Who needs what: `run`, `build`, and each extra by its name."""
    read = project()
    groups = {
        "run": read["project"]["dependencies"],
        "build": read["build-system"]["requires"],
        **read["project"]["optional-dependencies"],
    }
    return {group: [Requirement(line) for line in lines] for group, lines in groups.items()}


def pins(needed_by: str | None = None) -> dict[str, str]:
    """Versions by name: of the sections that serve one group, or of all."""
    _, *sections = re.split(r"(?m)^# needed by: ", text("config/constraints.txt"))
    return {
        pin["name"]: pin["version"]
        for section in sections
        if needed_by is None or needed_by in section.partition("\n")[0].split()
        for pin in PIN.finditer(section)
    }


def sh_blocks(path: str) -> list[str]:
    """The ```sh blocks, with continued lines joined."""
    return [block.replace("\\\n", " ").strip() for block in re.findall(r"(?ms)^```sh\n(.*?)^```", text(path))]


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions as (word, rest), continued lines joined, comments left out."""
    joined = re.sub(r"(?m)^#.*\n", "", text("Dockerfile")).replace("\\\n", " ")
    return [(line.split()[0].upper(), line.partition(" ")[2].strip()) for line in joined.splitlines() if line.strip()]


# Pins


def test_pins_are_names_versions_markers_and_hashes_only():
    """No address, no option for pip, nothing without a hash: a comment, a blank line or a pin."""
    left = PIN.sub("", text("config/constraints.txt"))

    assert [line for line in left.splitlines() if line and not line.startswith("#")] == []
    assert "://" not in left


@pytest.mark.parametrize("group", sorted(requirements()))
def test_every_requirement_is_pinned_where_it_is_needed(group: str):
    """The pin of each requirement in pyproject.toml fits its range and stands in a section its group installs."""
    have = pins("run") | pins(group)
    unfit = [
        str(need)
        for need in requirements()[group]
        if not need.specifier.contains(have.get(canonicalize_name(need.name), "0.dev0"), prereleases=True)
    ]

    assert unfit == []


def test_what_the_requirements_require_is_pinned_too():
    """`--require-hashes` refuses a list with a gap; every name below batcher's own requirements has its pin."""
    assert closure(requirements()["run"]) - pins("run").keys() == set()


def closure(roots: list[Requirement]) -> set[str]:
    seen: set[str] = set()
    queue = [(root, frozenset({""})) for root in roots]
    while queue:
        need, extras = queue.pop()
        name = canonicalize_name(need.name)
        if need.marker and not any(need.marker.evaluate({"extra": extra}) for extra in extras):
            continue
        if name not in seen:
            seen.add(name)
            queue += [(below, frozenset({"", *need.extras})) for below in needed_below(name)]
    return seen


def needed_below(name: str) -> Iterator[Requirement]:
    try:
        yield from map(Requirement, requires(name) or [])
    except PackageNotFoundError:
        pytest.fail(f"{name} is a requirement of batcher and is not installed here")


# Image


def test_image_stages_come_from_python_or_from_our_own():
    """Nobody else's image takes part in the build."""
    froms = [rest for word, rest in instructions() if word == "FROM"]
    stages = {match[1] for rest in froms if (match := re.search(r"(?i) AS (\w+)$", rest))}
    copied = [
        match[1] for word, rest in instructions() if word == "COPY" and (match := re.search(r"--from=(\S+)", rest))
    ]

    assert froms
    assert [rest for rest in froms if not rest.startswith("python:") and rest.split()[0] not in stages] == []
    assert set(copied) <= stages


def test_image_builds_with_older_builders():
    """No here-documents, no mounts, no chmod or link while copying."""
    assert re.findall(r"(?m)<<-?\w|--mount|--chmod|--link|^# *syntax", text("Dockerfile")) == []


def test_image_runs_batcher_itself_as_a_plain_user():
    """Signals reach the process (no shell in between), the user has a number that orchestrators can check."""
    last = dict(instructions())

    assert last["ENTRYPOINT"] == '["batcher"]'
    assert last["CMD"] == '["--help"]'
    assert last["USER"] == "10001:10001"
    assert last["WORKDIR"] == "/data"
    assert last["STOPSIGNAL"] == "SIGTERM"


def test_image_declares_no_volume():
    """A nameless volume would hide from batcher that the ledger lies on nothing that lasts."""
    assert "VOLUME" not in dict(instructions())


def test_packaging_names_no_address():
    """Where packages come from is the business of whoever installs."""
    named = [*ROOT.glob(".ci/*"), *(ROOT / name for name in ("Dockerfile", ".dockerignore", "pyproject.toml"))]

    assert [
        path.name
        for path in named
        if path.is_file() and re.search(r"https?://|--index-url|--trusted-host", path.read_text())
    ] == []


# Repository


def test_top_level_holds_only_what_belongs_there():
    """A new file finds its place in a room, not at the door."""
    ignored = [line.strip("/") for line in text(".gitignore").splitlines() if line and not line.startswith("#")]
    found = {path.name for path in ROOT.iterdir() if not any(fnmatch(path.name, pattern) for pattern in ignored)}

    assert {name for name in found if not name.startswith(".")} <= TOP_LEVEL
    assert found >= TOP_LEVEL


def test_gitignore_covers_what_the_tools_and_batcher_leave():
    """A ledger or a list of failed addresses is never committed by a hasty `git add`."""
    ignored = [line.strip("/") for line in text(".gitignore").splitlines()]
    left = [
        "batcher.db",
        "batcher.db-wal",
        "campaign.results.csv",
        "campaign.failed.csv",
        "run.sandbox.jsonl",
        ".env",
        ".venv",
    ]

    assert [name for name in left if not any(fnmatch(name, pattern) for pattern in ignored)] == []


def test_changelog_tells_of_this_version():
    """A release without an entry says nothing to those who upgrade."""
    assert re.search(rf"(?m)^## {re.escape(batcher.__version__)}\b", text("CHANGELOG.md"))


@pytest.mark.parametrize(
    ("position", "does"), [(0, "batcher run config/examples/campaign.csv --sandbox"), (1, "python -m pytest")]
)
def test_readme_starts_with_two_single_commands(position: int, does: str):
    """First the quick start, then the tests: CI takes both from the README and runs them."""
    command = sh_blocks("README.md")[position]

    assert len(command.splitlines()) == 1
    assert does in command
