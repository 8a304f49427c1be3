"""What a file that is no manifest looks like: the first bytes of things that get named .csv by mistake."""

from __future__ import annotations

from typing import Final

GZIP: Final = b"\x1f\x8b"

_BEGINNINGS: Final = (
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF-", "a PDF document"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an old Office document (.xls, .doc) or one with a password"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ\0", "xz data"),
    (b"\x28\xb5\x2f\xfd", "zstd data"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"{\\rtf", "an RTF document"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90\0", "a program"),
    (GZIP, "gzip inside gzip"),
    (b"<?xml", "an XML document"),
    (b"<!doctype", "an HTML page"),
    (b"<html", "an HTML page"),
)


def looks_like(head: bytes) -> str | None:
    """What the first bytes belong to, None where they may be text. Needs 4 KiB to tell a workbook from an archive."""
    if head.startswith(b"PK\x03\x04"):
        return "an Excel workbook" if is_workbook(head) else "a ZIP archive"
    plain = head[:16].lower()
    return next((name for magic, name in _BEGINNINGS if head.startswith(magic) or plain.startswith(magic)), None)


def is_workbook(head: bytes) -> bool:
    """Whether an archive's first entries are those of an .xlsx."""
    return head.startswith(b"PK\x03\x04") and (b"[Content_Types].xml" in head or b"xl/" in head)
