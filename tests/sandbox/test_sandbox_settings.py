import subprocess
import sys
from typing import Any

import pytest

from batcher.sandbox import SandboxError, SandboxSettings
from batcher.sandbox.settings import latency_range


@pytest.mark.parametrize(
    ("latency", "expected"),
    [(0.0, (0.0, 0.0)), (0.5, (0.5, 0.5)), ("0.25", (0.25, 0.25)), ("0.05-0.2", (0.05, 0.2))],
)
def test_latency_is_seconds_or_a_range(latency: float | str, expected: tuple[float, float]) -> None:
    """One number is a range of one."""
    assert latency_range(latency) == expected


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ({"latency": "fast"}, "latency must be seconds"),
        ({"latency": "0.2-0.1"}, "latency must be seconds"),
        ({"latency": -1.0}, "latency must be seconds"),
        ({"latency": "nan"}, "latency must be seconds"),
        ({"lookup_mode": "sometimes"}, "lookup mode 'sometimes' is none of works,"),
        ({"require_auth": "ann"}, "user:password"),
        ({"lag": -1.0}, "lag must be a number from 0"),
        ({"list_delay": float("inf")}, "list delay must be a number from 0"),
        ({"credit": -0.01}, "credit must be a number from 0"),
        ({"credit": 1e308}, "credit must be a number from 0"),
        ({"speed": float("nan")}, "speed must be a number from 0"),
        ({"deleted_jobs": "gone"}, "deleted jobs 'gone' is none of unknown, shown"),
        ({"clock_off": float("nan")}, "clock off must be within 1000000000 seconds"),
        ({"clock_off": -2e9}, "clock off must be within 1000000000 seconds"),
    ],
)
def test_nonsense_is_refused(setting: dict[str, Any], complaint: str) -> None:
    """A setting that cannot be meant is refused when it is made."""
    with pytest.raises(SandboxError, match=complaint):
        SandboxSettings(**setting)


def test_the_door_is_light() -> None:
    """Importing the package for its settings loads no HTTP library, so that a command's help stays quick."""
    script = "import sys, batcher.sandbox; print([name for name in ('aiohttp', 'asyncio') if name in sys.modules])"

    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout

    assert loaded.strip() == "[]"
