"""A ledger that is deleted, moved or replaced while it is in use is noticed, and nothing more is sent."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from batcher.core.errors import Exit, LedgerError
from batcher.ledger.sqlite import SqliteLedger, SqliteReader, presence
from batcher.ledger.sqlite.presence import Presence
from tests.ledger.builders import intents, load, send


class Seconds:
    """A clock that stands still until it is moved."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def delete(path: Path) -> None:
    path.unlink()


def move(path: Path) -> None:
    path.rename(path.with_name("elsewhere.db"))


def move_its_folder(path: Path) -> None:
    path.parent.rename(path.parent.with_name("elsewhere"))


def replace(path: Path) -> None:
    other = path.with_name("other.db")
    other.write_bytes(path.read_bytes())
    other.replace(path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data" / "batcher.db"


@pytest.mark.parametrize("harm", [delete, move, move_its_folder, replace])
def test_a_file_that_is_not_where_it_was_is_lost(path: Path, harm: Callable[[Path], None]) -> None:
    path.write_bytes(b"x")
    with path.open("rb"):
        clock = Seconds()
        watched = Presence(path, clock)
        harm(path)
        clock.now += 1.0

        assert watched.is_lost() is True


def test_a_file_that_is_written_to_and_read_is_not_lost(path: Path) -> None:
    path.write_bytes(b"x")
    clock = Seconds()
    watched = Presence(path, clock)
    path.write_bytes(b"more")
    os.utime(path, (1, 1))
    path.chmod(0o400)
    clock.now += 1.0

    assert watched.is_lost() is False


def test_a_link_that_leads_elsewhere_is_a_loss(path: Path) -> None:
    for name in ("first", "second"):
        path.with_name(name).write_bytes(b"x")
    path.symlink_to("first")
    clock = Seconds()
    watched = Presence(path, clock)
    path.unlink()
    path.symlink_to("second")
    clock.now += 1.0

    assert watched.is_lost() is True


def test_it_looks_once_a_second_and_what_is_lost_stays_lost(path: Path) -> None:
    path.write_bytes(b"x")
    clock = Seconds()
    watched = Presence(path, clock)
    path.rename(path.with_name("aside"))
    seen = []
    for step_s in (0.0, 0.9, 0.2, 0.1):
        clock.now += step_s
        seen.append(watched.is_lost())
    path.with_name("aside").rename(path)
    clock.now += 1.0

    assert [*seen, watched.is_lost()] == [False, False, True, True, True]


@pytest.fixture
async def ledger(path: Path, monkeypatch: pytest.MonkeyPatch) -> SqliteLedger:
    monkeypatch.setattr(presence, "_LOOK_EVERY_S", 0.0)
    return await SqliteLedger.open(path)


@pytest.mark.parametrize("harm", [delete, move, replace])
async def test_no_intent_is_good_for_sending_once_the_ledger_is_lost(
    ledger: SqliteLedger, path: Path, harm: Callable[[Path], None]
) -> None:
    campaign = await load(ledger, 3)
    harm(path)
    with pytest.raises(LedgerError, match="was taken away or replaced") as lost:
        await ledger.record_intents(intents(campaign, {1: 1}))
    await ledger.close()

    assert lost.value.exit_code is Exit.LEDGER_BROKEN


async def test_a_ledger_that_was_moved_and_is_put_back_knows_what_was_in_flight(
    ledger: SqliteLedger, path: Path
) -> None:
    campaign = await load(ledger, 3)
    await send(ledger, campaign, 1)
    move(path)
    with pytest.raises(LedgerError, match="put it back"):
        await ledger.record_intents(intents(campaign, {2: 1}))
    await ledger.close()
    path.with_name("elsewhere.db").rename(path)

    reader = SqliteReader(path)
    states = [result.state for result in reader.results(campaign)]
    reader.close()
    assert states == ["sending", "sending", "pending"]
