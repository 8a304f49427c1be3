"""Where the ledger lies, by a given table of mounts."""

from __future__ import annotations

from pathlib import Path

import pytest

from batcher.ledger.place import file_system_of, mount_of, warnings_about

MOUNTS = """\
overlay / overlay rw,relatime 0 0
proc /proc proc rw 0 0
/dev/sda1 /data ext4 rw 0 0
server:/share /data/nfs nfs4 rw 0 0
me@host: /ssh fuse.sshfs rw 0 0
//server/share /with\\040space cifs rw 0 0
tmpfs /twice tmpfs rw 0 0
/dev/sdb1 /twice ext4 rw 0 0
broken line
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/elsewhere/batcher.db", ("/", "overlay")),
        ("/data/batcher.db", ("/data", "ext4")),
        ("/data/nfs/deep/batcher.db", ("/data/nfs", "nfs4")),
        ("/database/batcher.db", ("/", "overlay")),
        ("/with space/batcher.db", ("/with space", "cifs")),
        ("/twice/batcher.db", ("/twice", "ext4")),
    ],
)
def test_the_deepest_mount_holds_the_path(path: str, expected: tuple[str, str]) -> None:
    assert expected == mount_of(Path(path), MOUNTS)


def test_the_file_system_is_that_of_the_deepest_mount() -> None:
    assert file_system_of(Path("/data/nfs/batcher.db"), MOUNTS) == "nfs4"


def test_without_a_table_nothing_is_known() -> None:
    assert mount_of(Path("/data/batcher.db"), "") == ("/", "")


@pytest.mark.parametrize(
    ("path", "kind"), [("/data/nfs/b.db", "nfs4"), ("/ssh/b.db", "fuse.sshfs"), ("/with space/b.db", "cifs")]
)
def test_a_network_file_system_is_warned_of(path: str, kind: str) -> None:
    (warning,) = warnings_about(Path(path), mounts=MOUNTS, in_container=False)

    assert f"network file system ({kind})" in warning


def test_a_local_disk_is_no_cause_for_a_warning() -> None:
    assert warnings_about(Path("/data/b.db"), mounts=MOUNTS, in_container=True) == []


def test_the_containers_own_layer_is_warned_of() -> None:
    (warning,) = warnings_about(Path("/srv/b.db"), mounts=MOUNTS, in_container=True)

    assert "lies in the container and is lost with it" in warning


def test_outside_a_container_its_own_disk_is_fine() -> None:
    assert warnings_about(Path("/srv/b.db"), mounts=MOUNTS, in_container=False) == []


def test_a_link_is_judged_by_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to("/data/nfs/b.db")
    (warning,) = warnings_about(tmp_path / "link.db", mounts=MOUNTS, in_container=False)

    assert "nfs4" in warning


def test_the_machines_own_table_is_read_where_none_is_given(tmp_path: Path) -> None:
    assert isinstance(warnings_about(tmp_path / "b.db"), list)
