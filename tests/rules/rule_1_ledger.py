"""Rule 1 broken: a commit counts only in a ledger that is there and that the next run will find."""

from __future__ import annotations

from typing import Final

from .breach import breach

_GROUP: Final = "ledger/sqlite/group_commit.py"
_GROUP_TESTS: Final = "ledger/test_group_commit.py"
_LEDGER: Final = "ledger/sqlite/ledger.py"
_PRESENCE: Final = "ledger/sqlite/presence.py"
_PRESENCE_TESTS: Final = "ledger/test_presence.py"

BREACHES: Final = (
    breach(
        1,
        "no intent in a ledger that was deleted in use: nobody looks",
        _LEDGER,
        "is_lost=Presence(path).is_lost,",
        "",
        f"{_PRESENCE_TESTS}::test_no_intent_is_good_for_sending_once_the_ledger_is_lost",
    ),
    breach(
        1,
        "no intent in a ledger that was deleted in use: the commit counts all the same",
        _GROUP,
        "if self._is_lost():",
        "if False:",
        f"{_PRESENCE_TESTS}::test_no_intent_is_good_for_sending_once_the_ledger_is_lost",
    ),
    breach(
        1,
        "no intent in a ledger that was replaced in use",
        _PRESENCE,
        "self._is_lost = _identity(self._path) != self._file",
        "self._is_lost = _identity(self._path) is None",
        f"{_PRESENCE_TESTS}::test_a_file_that_is_not_where_it_was_is_lost",
    ),
    breach(
        1,
        "a ledger that is lost stays lost",
        _PRESENCE,
        "if not self._is_lost and now",
        "if now",
        f"{_PRESENCE_TESTS}::test_it_looks_once_a_second_and_what_is_lost_stays_lost",
    ),
    breach(
        1,
        "a locked ledger is waited for: it is said",
        _GROUP,
        "self._loop.call_soon_threadsafe(self._on_locked)",
        "pass",
        f"{_GROUP_TESTS}::test_a_file_that_another_program_locks_is_waited_for_and_told_once",
    ),
    breach(
        1,
        "a locked ledger is waited for: the user hears it",
        _LEDGER,
        "emit(LedgerLocked(gives_up_after_s=LOCK_PATIENCE_S))",
        "str(LedgerLocked(gives_up_after_s=LOCK_PATIENCE_S))",
        f"{_GROUP_TESTS}::test_a_ledger_that_is_locked_tells_its_user",
    ),
    breach(
        1,
        "a locked ledger is waited for, and the first refusal is not the last word",
        _GROUP,
        "if time.monotonic() - self._locked_since >= self._patience_s:",
        "if True:",
        f"{_GROUP_TESTS}::test_a_file_that_another_program_locks_is_waited_for_and_told_once",
    ),
    breach(
        1,
        "a locked ledger is waited for: it is said once",
        _GROUP,
        "if self._locked_since is None:",
        "if True:",
        f"{_GROUP_TESTS}::test_who_waits_in_vain_is_told_that_the_file_is_locked_and_so_is_everybody_behind",
    ),
)
