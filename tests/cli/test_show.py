"""What the last lines of a run advise."""

from pathlib import Path

from batcher.cli.show import advice
from batcher.core.errors import Exit


def test_after_too_many_failures_rejected_rows_are_said_to_need_retry():
    """Running again alone leaves them rejected; the commands are ready to copy, ledger and all."""
    said = advice(
        Exit.TOO_MANY_FAILURES, campaign="letters", ledger=Path("a b/batcher.db"), failed=Path("letters.failed.csv")
    )

    assert said is not None
    assert "`batcher retry letters --ledger 'a b/batcher.db'`" in said
    assert "`--with letters.failed.csv`" in said
    assert said.endswith("then run the same command again")
