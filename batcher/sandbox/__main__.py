"""``python -m batcher.sandbox``: the emulator as a server."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from batcher.sandbox import DEMO_FAULTS, DeletedJobs, LookupMode, SandboxError, SandboxSettings, run


def read_arguments(arguments: Sequence[str] | None = None) -> SandboxSettings:
    """
    The settings a command line asks for.

    Raises:
        SystemExit: With 2 after usage on stderr, or with 0 after the help.
    """
    parser = _parser()
    given = vars(parser.parse_args(arguments))
    if given.pop("demo_faults"):
        given["faults"] = DEMO_FAULTS
    try:
        return SandboxSettings(**given)
    except SandboxError as error:
        parser.error(str(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m batcher.sandbox",
        description="Emulates the Click2Mail REST API. Prints one line of JSON with its URL once it listens.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on; the default cannot be reached from outside")
    add("--port", type=int, default=0, help="0 takes a free one")
    add("--latency", default="0", metavar="SECONDS", help="seconds a reply takes, or a range such as 0.05-0.2")
    add("--faults", type=Path, metavar="FILE", help="fault plan in TOML")
    add("--demo-faults", action="store_true", help="use the fault plan that comes with the sandbox")
    add("--seed", type=int, default=0, help="of everything drawn by chance")
    add("--require-auth", metavar="USER:PASSWORD", help="the only credentials let in; without it any are")
    add("--state", type=Path, metavar="FILE", help="keeps the world over a restart; the balance too, once it moved")
    add("--lag", type=float, default=0.0, metavar="SECONDS", help="until a new job appears in listings")
    add("--lookup-mode", choices=get_args(LookupMode), default="works", help="what a look-up by signature is worth")
    add("--strict", action="store_true", help="only what was uploaded here exists, and only listed products")
    add("--list-delay", type=float, default=0.0, metavar="SECONDS", help="until an address list is usable")
    add("--credit", type=float, default=1_000_000.0, metavar="DOLLARS", help="prepaid; see --state")
    add("--speed", type=float, default=3600.0, metavar="N", help="times as fast as the vendor a submitted job moves on")
    add("--deleted-jobs", choices=get_args(DeletedJobs), default="unknown", help="what a deleted job's status is")
    add("--clock-off", type=float, default=0.0, metavar="SECONDS", help="by which its clock is wrong; may be negative")
    add("--exit-with-parent", action="store_true", help="stop when standard input ends")
    return parser


if __name__ == "__main__":
    sys.exit(run(read_arguments()))
