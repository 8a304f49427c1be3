"""
``python -I -S stopwatch.py REPORT CORE SECONDS OUT COMMAND...``: runs a command and writes what it used, as JSON.

A small process of its own, because the kernel counts the memory of whoever forks into the peak of the child. CORE is a
number, or ``-`` for any. After SECONDS the command is killed.
"""

import json
import os
import resource
import signal
import sys
import time


def run(core: str, seconds: int, out: str, command: list[str]) -> dict[str, float]:
    """Seconds by the clock and of CPU, peak memory in KiB, the exit code (below 0: the signal that ended it)."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if core != "-":
        os.sched_setaffinity(0, {int(core)})
    words = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    began_at, began = time.time(), time.monotonic()
    child = os.fork()
    if not child:
        try:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(words, 1)
            os.dup2(words, 2)
            os.execvp(command[0], command)
        finally:
            os._exit(127)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
    signal.alarm(seconds)
    _, status, used = os.wait4(child, 0)
    return {
        "began_at": began_at,
        "wall_s": time.monotonic() - began,
        "user_s": used.ru_utime,
        "system_s": used.ru_stime,
        "peak_kib": used.ru_maxrss,
        "exit_code": os.waitstatus_to_exitcode(status),
    }


if __name__ == "__main__":
    report, core, seconds, out, *command = sys.argv[1:]
    usage = run(core, int(seconds), out, command)
    os.write(os.open(report, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), json.dumps(usage).encode())
