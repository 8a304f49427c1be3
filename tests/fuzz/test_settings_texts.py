"""Any text for a setting is taken or refused in one line."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from batcher.settings.model import setting_names

from .settings_texts import check_dotenv, check_duration, check_file, check_rate, check_variables
from .strategies import damaged

NAMES = setting_names()
EXAMPLE = (Path(__file__).parents[2] / "config" / "batcher.toml").read_text(encoding="utf-8")
LINES = re.findall(r"(?m)^(?:# )?([a-z_]+ = .+)$", EXAMPLE)
FILES = ["\n".join(LINES).encode(), b'map = {a = "color"}\nset = {color = "x"}\nkeep = ["note"]\nsettle = "1h30m"\n']
DOTENVS = [
    b"BATCHER_USERNAME='me'\nexport BATCHER_KEEP=\"a, b\"\n# note\nBATCHER_RATE=10/s\nBATCHER_MAP=a=color\n",
    b"BATCHER_USERNAME=me\nBATCHER_PASSWORD_FILE=secret.txt\nBATCHER_BASE_URL='https://host.example/molpro'\n",
]

pieces = st.sampled_from(
    [
        *("", "0", "1", "9" * 20, "9" * 400, "0." + "0" * 400 + "1", ".5", "1.", "-1", "+1", "1e3", "inf", "nan", "٣"),
        *(" ", "\0", "\n", "\x85", "\u2028", "ms", "s", "m", "h", "d", "min", "/", "/s", " / hour", "%", "S", "½", "ſ"),
        *("\ud800", ",", '"', "=", "~", "~nobody-here", "http://", "https://h/molpro", "@", "[", "]", "?", "#", ":0"),
        *("\\", "UTC", "Europe", "..", "postgresql:", "true", "{", "a", "color", "documentId", "xlsx", "csv", "utf-16"),
    ]
)
texts = st.lists(pieces, max_size=6).map("".join) | st.text(max_size=20)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@settings(max_examples=300, deadline=None)
@given(texts)
def test_any_duration(text: str) -> None:
    check_duration(text)


@settings(max_examples=300, deadline=None)
@given(texts)
def test_any_rate(text: str) -> None:
    check_rate(text)


@given(st.dictionaries(st.sampled_from(NAMES), texts, max_size=3))
@example({"keep": "a\nb"})
@example({"keep": "a" * 200_000})
@example({"password": "\udcff"})
@example({"secrets_dir": "~nobody-here/x"})
def test_any_variables(values: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        check_variables({f"BATCHER_{name.upper()}": value for name, value in values.items()}, Path(name))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=damaged(FILES))
@example(content=b"campaign = " + b"[" * 5000)
@example(content=b"concurrency = " + b"1" * 5000)
@example(content=b"concurrency = 0x" + b"f" * 6000)
@example(content=b"rate = 0x" + b"f" * 6000)
@example(content=b"max_failures = 0x" + b"f" * 6000)
@example(content=b"ledger = 0x" + b"f" * 6000)
@example(content=b'ledger = "a\\u0000b"')
def test_any_file(content: bytes, folder: Path) -> None:
    check_file(content, folder)


@given(damaged(DOTENVS))
@example(b"BATCHER_PASSWORD_FILE=a\0b\n")
def test_any_dotenv(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        check_dotenv(content, Path(name))
