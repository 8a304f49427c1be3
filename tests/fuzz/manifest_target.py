"""
Any bytes for the manifest readers, without end; see ``reply_target.py`` for what it takes::

    fuzzing/bin/python -m tests.fuzz.manifest_target CORPUS -max_total_time=600

The checks are those of ``test_manifests.py`` and ``test_workbooks.py``.
"""

from __future__ import annotations

import sys

WORKBOOK = 255
"""The first byte of what is for a workbook; the next one chooses the part of it."""


def main(arguments: list[str]) -> None:
    import atheris

    with atheris.instrument_imports(include=["batcher", "json", "csv", "gzip", "zipfile", "codecs", "encodings"]):
        from tests.fuzz.corpus import manifests, workbooks
        from tests.fuzz.endless import fuzz
        from tests.fuzz.manifests import FORMATS, check_manifest
        from tests.fuzz.workbooks import PARTS, check_workbook, packed

    plain, shared = workbooks()

    def check(data: bytes) -> None:
        if data[:1] == bytes([WORKBOOK]):
            check_workbook(data[1:], shared if data[1:2] and data[1] >= 128 else plain)
        else:
            check_manifest(data)

    tables = [
        bytes([128 + FORMATS.index(name), 6]) + content for name, every in manifests().items() for content in every
    ]
    parts = [
        bytes([WORKBOOK, 128 // 7 * 7 * at + number]) + workbook.get(name, b"")
        for at, workbook in enumerate((plain, shared))
        for number, name in enumerate(PARTS)
    ]
    whole = [bytes([WORKBOOK, len(PARTS)]) + packed(plain)]
    fuzz(check, [*tables, *parts, *whole], arguments, head_bytes=2)


if __name__ == "__main__":
    main(sys.argv[1:])
