"""
What is looked for in a workbook before it is read, because its reader does not say it.

The reader makes room for every cell up to the furthest, and a copy of a shared text for every cell that shows it; where
there is no such room the process dies. Some cells come out of it empty although something stands in them, and some not
at all. So every part of the archive is looked at, whatever it is called.
"""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Iterator
from typing import Final

from .shared_texts import SharedTexts
from .sheet import Sheet

UNPACKED_LIMIT: Final = 1 << 30
"""Bytes: a million rows of every field there is."""

TOO_LARGE: Final = "unpacks to more than 1 GB: save it as CSV"

_CHUNK_BYTES: Final = 1 << 20


def why_unusable(packed: io.BytesIO) -> str | None:
    """What is against reading the workbook; raises what ``zipfile`` raises."""
    with zipfile.ZipFile(packed) as archive:
        unpacked, texts = 0, SharedTexts()
        for part in archive.infolist():
            sheet = Sheet()
            for piece in _pieces(archive, part):
                unpacked += len(piece)
                if unpacked > UNPACKED_LIMIT:
                    return TOO_LARGE
                if fault := sheet.fault_in(piece):
                    return fault
                texts.measure(piece)
            texts.end_part()
        every_piece = (piece for part in archive.infolist() for piece in _pieces(archive, part))
        return TOO_LARGE if texts.are_too_much(every_piece) else None


def _pieces(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """A part's bytes, cut in front of a tag."""
    part.file_size = sys.maxsize  # what an archive says of its own size is not believed: it is read to its end
    rest = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            whole, sign, begun = (rest + chunk).rpartition(b"<")
            yield whole
            rest = sign + begun
            if len(rest) > _CHUNK_BYTES:  # no tag
                yield rest
                rest = b""
    yield rest
