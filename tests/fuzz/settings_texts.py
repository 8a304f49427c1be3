"""
What must hold of any text that is given for a setting, wherever it stands: one input, one check.

Settings or a refusal in one line come out, and no line quotes a secret.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from batcher.cli.session import plan_of, reading_of
from batcher.click2mail.remote import Addresses, RemoteSettings, authorization
from batcher.core.errors import ConfigError
from batcher.core.pace import Pace, parse_rate
from batcher.settings import Settings, load_settings, origins
from batcher.settings.duration import parse_duration

SECRET = "canary-4711"


def check_file(content: bytes, folder: Path) -> None:
    """The bytes as ``batcher.toml``."""
    (folder / "batcher.toml").write_bytes(content)
    _check_loading(folder, {})


def check_dotenv(content: bytes, folder: Path) -> None:
    """The bytes as ``.env``, behind a password where they name no file with one."""
    password = b"" if b"PASSWORD_FILE" in content else f"BATCHER_PASSWORD={SECRET}\n".encode()
    (folder / ".env").write_bytes(password + content)
    _check_loading(folder, {})


def check_variables(variables: Mapping[str, str], folder: Path) -> None:
    """The texts as environment variables."""
    _check_loading(folder, {"BATCHER_PASSWORD": SECRET} | dict(variables))


def _check_loading(folder: Path, environ: Mapping[str, str]) -> None:
    try:
        settings = load_settings({}, environ=environ, folder=folder)
        _check_use(settings)
    except ConfigError as refusal:
        _check_line(str(refusal))


def _check_line(told: str) -> None:
    assert told.isprintable()
    assert SECRET not in told


def _check_use(settings: Settings) -> None:
    """What is accepted can be made use of, or is refused where it is used first."""
    assert SECRET not in repr(settings)
    assert all(SECRET not in shown.value for shown in origins(settings))
    plan = plan_of(settings)
    for seconds in (plan.timeout_s, plan.send_window_s, plan.max_outage_s, plan.drain_timeout_s):
        assert 0 <= seconds < 1e9
    if settings.base_url is not None:
        password = "" if settings.password is None else settings.password.get_secret_value()
        remote = RemoteSettings(base_url=settings.base_url, username=settings.username or "u", password=password)
        assert str(Addresses.of(remote).jobs).endswith("/jobs")
        authorization(remote)
    reading_of(settings)


def check_duration(text: str) -> None:
    """Seconds that timers take; what is not refused comes to the same when it is written out in seconds."""
    try:
        seconds = parse_duration(text)
    except ValueError:
        return
    assert 0 <= seconds < 1e9
    assert timedelta(seconds=seconds) >= timedelta()
    assert math.isclose(parse_duration(f"{seconds:.9f}"), seconds, rel_tol=1e-9, abs_tol=1e-9)


def check_rate(text: str) -> None:
    """A rate lets the first attempts go at once and makes the next ones wait, and never for a time below zero."""
    try:
        per_s = parse_rate(text)
    except ValueError:
        return
    assert 0 < per_s < math.inf
    pace = Pace(per_s)
    granted = pace.take(1000.0, 10)
    assert 1 <= granted <= 10
    assert pace.wait_s(1000.0) >= 0
    assert pace.wait_s(1000.0) <= granted / per_s * 1.001 + 1e-9
