"""The ledger in one SQLite file: one process writes, any number read."""

from .ledger import SqliteLedger
from .reader import SqliteReader

__all__ = ["SqliteLedger", "SqliteReader"]
