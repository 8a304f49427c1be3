"""The disk under a ledger: room, and a write that leaves nothing."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from batcher.ledger.disk import look_at_disk


def test_a_write_comes_through_and_leaves_nothing(path: Path) -> None:
    path.write_bytes(b"a ledger")
    disk = look_at_disk(path)

    assert disk.trouble is None
    assert disk.write_s is not None
    assert disk.free_bytes is not None
    assert disk.free_bytes > 0
    assert list(path.parent.iterdir()) == [path]


def test_what_is_written_is_forced_to_the_disk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forced = []
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda number: forced.append(os.fstat(number).st_size) or fsync(number))
    look_at_disk(path)

    assert forced == [4096]


def test_a_full_disk_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    disk = look_at_disk(path)

    assert (disk.write_s, disk.trouble) == (
        None,
        f"nothing can be written in {path.parent}: No space left on device",
    )
    assert list(path.parent.iterdir()) == []


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert look_at_disk(tmp_path / "none" / "b.db").trouble == f"there is no folder {tmp_path / 'none'}"


@pytest.mark.parametrize("end", ["", "-wal", "-shm", ".lock"])
def test_a_file_of_the_ledger_that_may_not_be_written_is_told(
    path: Path, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = path.with_name(path.name + end)
    file.touch()
    # Root may write everything, so the answer is given here.
    monkeypatch.setattr(os, "access", lambda asked, mode: Path(asked) != file)

    assert look_at_disk(path).trouble == f"{file.name} may not be written"


def test_a_link_leads_to_the_disk_that_it_names(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "none" / "b.db")

    assert look_at_disk(tmp_path / "link.db").trouble == f"there is no folder {tmp_path / 'none'}"


def test_a_file_system_that_counts_no_files_is_not_out_of_them(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = list(os.statvfs(path.parent))
    found[5:8] = [0, 0, 0]
    monkeypatch.setattr(os, "statvfs", lambda folder: os.statvfs_result(found))

    assert look_at_disk(path).free_files is None
