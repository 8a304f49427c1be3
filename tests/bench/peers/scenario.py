"""The same rows and the same faults for everybody."""

from __future__ import annotations

from dataclasses import dataclass

COLUMNS = (
    *("documentClass", "layout", "productionTime", "envelope", "color", "paperType", "printOption"),
    *("documentId", "addressId"),
)
LETTER = (
    *("Letter 8.5 x 11", "Address on Separate Page", "Next Day", "#10 Double Window", "Full Color", "White 24#"),
    "Printing both sides",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """
    What every tool is told alike.

    Attributes:
        timeout_s: Seconds for one try.
        attempts: Tries of a row in one run, the first included.
        at_once: Requests in flight.
    """

    timeout_s: int = 2
    attempts: int = 3
    at_once: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """
    What happens to whom.

    Attributes:
        title: One line for people.
        rows: How many; row N has document 1000 + N, by which its jobs are known.
        first_tries: Row number to what happens to its first try, as the body of an entry of a fault plan. Later tries
            of the row meet nothing.
        slow_calls: Numbers of creating calls whose reply takes half the time limit, which is trouble for nobody.
        kill_at: Kill the tool as soon as so many jobs exist; None lets it end by itself.
    """

    name: str
    title: str
    rows: int = 100
    first_tries: dict[int, str]
    slow_calls: range = range(0)
    kill_at: int | None = None
    limits: Limits = Limits()

    def faults(self) -> str:
        """The plan for the sandbox, in TOML."""
        entries = [
            f'match = {{ documentId = "{document_of(row)}" }}\ntimes = 1\n{what}'
            for row, what in self.first_tries.items()
        ]
        if self.slow_calls:
            entries.append(f'calls = {list(self.slow_calls)}\ndo = "slow"\nseconds = {self.limits.timeout_s / 2}')
        return "\n".join(f'[[fault]]\non = "create"\n{entry}\n' for entry in entries)

    def letters(self) -> list[dict[str, str]]:
        """The rows, in order, under the remote's own names."""
        return [dict(zip(COLUMNS, (*LETTER, document_of(row), "500"), strict=True)) for row in range(1, self.rows + 1)]


def document_of(row: int) -> str:
    """What tells the rows apart, and their jobs."""
    return str(1000 + row)


def _too_late(limits: Limits) -> str:
    return f'do = "slow"\nseconds = {2 * limits.timeout_s}'


_FIFTHS, _TENTHS = range(5, 101, 10), range(10, 101, 10)
SCENARIOS = (
    Scenario(
        name="silence",
        title="10 of 100 rows are created and answered too late, 10 are created and answered 500",
        first_tries=dict.fromkeys(_FIFTHS, _too_late(Limits())) | dict.fromkeys(_TENTHS, 'do = "error_500_after"'),
    ),
    Scenario(
        name="resets",
        title="10 of 100 rows are created and the connection is reset, 10 are answered 500 and not created",
        first_tries=dict.fromkeys(_FIFTHS, 'do = "reset_after"') | dict.fromkeys(_TENTHS, 'do = "error_500"'),
    ),
    Scenario(
        name="killed",
        title="No faults, but halfway, with replies under way, `kill -9`; then the same command again",
        first_tries={},
        slow_calls=range(46, 54),
        kill_at=53,
    ),
)
