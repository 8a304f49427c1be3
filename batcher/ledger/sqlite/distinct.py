"""
Which different values the rows have that are still to be sent.

One scan answers several questions: SQLite takes each text apart once, and a million rows take about four seconds. As
many groups are kept as were asked for, so memory does not grow with rows that differ all.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Final

from batcher.core.distinct import Distinct, Group

_TO_SEND: Final = """
FROM row r JOIN spec s USING (campaign_id, number)
WHERE r.campaign_id = ? AND r.stage = 'create' AND r.state IN ('pending', 'failed')
ORDER BY r.number
"""


def distinct_to_send(
    db: sqlite3.Connection, campaign_id: int, questions: Sequence[Sequence[str]], limit: int
) -> list[Distinct]:
    """See ``ledger.protocol.Ledger``."""
    found: list[dict[str, list[int]]] = [{} for _ in questions]
    beyond = [0] * len(questions)
    paths = [_paths(fields) for fields in questions]
    columns = ", ".join(f"json_extract(s.parameters, {', '.join('?' * len(each))})" for each in paths)
    asked = (*(path for each in paths for path in each), campaign_id)
    for *texts, line in db.execute(f"SELECT {columns}, s.line {_TO_SEND}", asked):
        for at, text in enumerate(texts):
            group = found[at].get(text)
            if group is not None:
                group[0] += 1
            elif len(found[at]) < limit:
                found[at][text] = [1, line]
            else:
                beyond[at] += 1
    return [
        Distinct(
            groups=tuple(
                Group(values=tuple(json.loads(text)[: len(fields)]), rows=rows, line=line)
                for text, (rows, line) in groups.items()
            ),
            rows_beyond=rest,
        )
        for fields, groups, rest in zip(questions, found, beyond, strict=True)
    ]


def _paths(fields: Sequence[str]) -> list[str]:
    """Of one field SQLite gives the bare value, of several an array: a single one is asked for twice."""
    return [f"$.{field}" for field in (*fields, *(fields if len(fields) == 1 else ()))]
