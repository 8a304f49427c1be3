"""Where the ledger lies, and what is wrong with lying there."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

_NETWORK: Final = frozenset(
    {"9p", "afs", "ceph", "cifs", "glusterfs", "gpfs", "lustre", "nfs", "nfs4", "smb3", "smbfs", "sshfs"}
)
_OCTAL: Final = re.compile(r"\\([0-7]{3})")
"""How the table writes a space, a tab, a line feed or a backslash."""

_CONTAINER_MARKS: Final = (Path("/.dockerenv"), Path("/run/.containerenv"))


def warnings_about(ledger: Path, *, mounts: str | None = None, in_container: bool | None = None) -> list[str]:
    """
    What a user should know about the place of the ledger: a network file system, a container's own layer.

    Args:
        ledger: Its file, which need not be there yet.
        mounts: The table of mounts as ``/proc/self/mounts`` has it; None reads that one.
        in_container: None looks for the marks that containers leave.
    """
    mount, kind = mount_of(ledger.resolve(), _own_mounts() if mounts is None else mounts)
    warnings = []
    if kind.removeprefix("fuse.") in _NETWORK:
        warnings.append(
            f"the ledger {ledger} lies on a network file system ({kind}), where SQLite's locks cannot be trusted;"
            " put it on a local disk"
        )
    if mount == "/" and (_is_in_container() if in_container is None else in_container):
        warnings.append(
            f"the ledger {ledger} lies in the container and is lost with it, and the promise with the ledger;"
            " mount a volume there"
        )
    return warnings


def file_system_of(ledger: Path, mounts: str | None = None) -> str:
    """What kind of file system the ledger lies on; empty where this machine does not tell."""
    return mount_of(ledger.resolve(), _own_mounts() if mounts is None else mounts)[1]


def mount_of(path: Path, mounts: str) -> tuple[str, str]:
    """The deepest mount that holds the path, and its file system; of two at one point the later one counts."""
    best = ("/", "")
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        mount = _OCTAL.sub(lambda escape: chr(int(escape[1], 8)), fields[1])
        if path.is_relative_to(mount) and len(mount) >= len(best[0]):
            best = (mount, fields[2])
    return best


def _own_mounts() -> str:
    try:
        return Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _is_in_container() -> bool:
    return any(mark.exists() for mark in _CONTAINER_MARKS) or "KUBERNETES_SERVICE_HOST" in os.environ
