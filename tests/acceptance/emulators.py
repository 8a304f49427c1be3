"""
Emulators without the wait: one process has imported what they need, and forks one for each that asks.

A request is a list of flags and a socket, which becomes the emulator's standard input and output. What is started is
what ``python -m batcher.sandbox`` starts, in a tenth of the time; ``tests/sandbox/test_sandbox_server.py`` starts that.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys

from batcher.sandbox import app, run, server  # noqa: F401 (an emulator imports them when it runs)
from batcher.sandbox.__main__ import read_arguments

with contextlib.suppress(ImportError):
    import uvloop  # noqa: F401 (and this)

REQUEST_BYTES = 65536


def main() -> None:
    """Fork for requests from standard input until it ends, and wait for the last emulator."""
    desk = socket.socket(fileno=0)
    while True:
        request, callers, _, _ = socket.recv_fds(desk, REQUEST_BYTES, 1)
        if not request:
            break
        if os.fork() == 0:
            _become_one(json.loads(request), callers[0])
        os.close(callers[0])
        _bury(os.WNOHANG)
    _bury(0)


def _become_one(flags: list[str], caller: int) -> None:
    for standard in (0, 1):
        os.dup2(caller, standard)
    os.close(caller)
    sys.exit(run(read_arguments(flags)))


def _bury(options: int) -> None:
    """Waits for those that have ended, or with no options for all."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, options)[0]:
            pass


if __name__ == "__main__":
    main()
