"""
Any bytes for the reply parser, without end.

By hand, and for as long as you like; atheris has wheels for Python 3.11 to 3.13 on Linux, and is no dependency of the
project::

    python3 -m venv fuzzing
    fuzzing/bin/pip install atheris -e '.[dev]'
    fuzzing/bin/python -m tests.fuzz.reply_target CORPUS -max_total_time=600

CORPUS is a folder; valid documents are put there to begin with, and what reaches new code is kept. A find is written to
a file ``crash-...``; given in place of CORPUS it is played once more. The checks are those of ``test_replies.py``: a
find belongs there as an example.
"""

from __future__ import annotations

import sys


def main(arguments: list[str]) -> None:
    import atheris

    with atheris.instrument_imports(include=["batcher", "defusedxml", "json", "xml"]):
        from tests.fuzz.corpus import replies
        from tests.fuzz.endless import fuzz
        from tests.fuzz.replies import STATUSES, check_reply, check_retry_after

    def check(data: bytes) -> None:
        check_reply(data)
        check_retry_after(data[1:].decode("latin-1"))

    seeds = [bytes([status]) + body for body in replies() for status in range(len(STATUSES))]
    dates = [b"\0Sun, 06 Nov 1994 08:49:37 GMT", b"\0Sunday, 06-Nov-94 08:49:37 GMT", b"\0Sun Nov  6 08:49:37 1994"]
    fuzz(check, [*seeds, *dates], arguments, head_bytes=1)


if __name__ == "__main__":
    main(sys.argv[1:])
