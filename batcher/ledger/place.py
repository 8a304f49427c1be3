"""Where the ledger lies, and what is wrong with lying there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_NETWORK: Final = frozenset(
    {"9p", "afs", "ceph", "cifs", "glusterfs", "gpfs", "lustre", "nfs", "nfs4", "smb3", "smbfs", "sshfs"}
)
_CONTAINER_MARKS: Final = (Path("/.dockerenv"), Path("/run/.containerenv"))


def warnings_about(ledger: Path) -> list[str]:
    """What a user should know about the place of the ledger: a network file system, a container's own layer."""
    mounts = _mounts()
    mount, kind = _mount_of(ledger.absolute(), mounts)
    warnings = []
    if kind.removeprefix("fuse.") in _NETWORK:
        warnings.append(
            f"the ledger {ledger} lies on a network file system ({kind}), where SQLite's locks cannot be trusted;"
            " put it on a local disk"
        )
    if _in_container() and mount == "/":
        warnings.append(
            f"the ledger {ledger} lies in the container and is lost with it, and the promise with the ledger;"
            " mount a volume there"
        )
    return warnings


def _in_container() -> bool:
    return any(mark.exists() for mark in _CONTAINER_MARKS) or "KUBERNETES_SERVICE_HOST" in os.environ


def _mounts() -> list[tuple[str, str]]:
    try:
        lines = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    return [(fields[1].replace("\\040", " "), fields[2]) for line in lines if len(fields := line.split(" ")) > 2]


def _mount_of(path: Path, mounts: list[tuple[str, str]]) -> tuple[str, str]:
    """The deepest mount that holds the path, and its file system; of two at one point the later one counts."""
    best = ("/", "")
    for mount, kind in mounts:
        if path.is_relative_to(mount) and len(mount) >= len(best[0]):
            best = (mount, kind)
    return best
