"""How a target is run: seeds of valid documents, the tests' own damage half of the time, libFuzzer's the other half."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path

from .mutation import damage_of, do_damage

DEFAULTS = ("-max_len=16384", "-timeout=20", "-rss_limit_mb=2048")


def fuzz(check: Callable[[bytes], None], seeds: Iterable[bytes], arguments: list[str], head_bytes: int) -> None:
    """
    Goes on until a check fails or the options say so.

    Args:
        arguments: A folder for what is found worth keeping, and options of libFuzzer.
        head_bytes: So many bytes choose what the rest is; the tests' damage leaves them alone.
    """
    import atheris

    def mutate(data: bytes, max_size: int, seed: int) -> bytes:
        if seed % 2:
            return bytes(atheris.Mutate(data, max_size))
        return (data[:head_bytes] + do_damage(data[head_bytes:], damage_of(seed)))[:max_size]

    folder = next((Path(argument) for argument in arguments if not argument.startswith("-")), None)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        for seed in seeds:
            (folder / sha256(seed).hexdigest()[:16]).write_bytes(seed)
    atheris.Setup([sys.argv[0], *DEFAULTS, *arguments], check, custom_mutator=mutate)
    atheris.Fuzz()
