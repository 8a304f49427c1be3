"""
What ``batcher doctor`` makes of what it sees: one ``Check`` a question.

Other rooms look (``click2mail.line``, ``click2mail.visit``, ``ledger.disk``, ``ledger.sqlite.inspection``), and here it
is judged, without a clock or a socket. Only ``rehearsal`` acts: it makes a draft and takes it away again.
"""

from .check import Check, Level, exit_of, failed, failed_by, ok, skipped, warning

__all__ = ["Check", "Level", "exit_of", "failed", "failed_by", "ok", "skipped", "warning"]
