"""
Every flag that is also a setting, once: its spelling, its help, its default as people read it.

Flags hand on texts, and the settings check them, so that a value is judged alike wherever it comes from. A flag that
was not given is None, and the next source of the settings is asked.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import wraps
from typing import Annotated, Any, Final

import typer

Flags = Mapping[str, Any]
"""The flags as given, by the setting's name; None where one was not."""


@dataclass(frozen=True, slots=True)
class Flag:
    """``kind``: str, bool or list. ``default`` is for people; an empty one is not shown."""

    name: str
    help: str
    metavar: str = "TEXT"
    default: str = ""
    kind: type = str
    spelling: str = ""
    panel: str = "Options"

    @property
    def parameter(self) -> inspect.Parameter:
        """The flag as typer wants it: a keyword parameter with its option."""
        dashed = self.name.replace("_", "-")
        option: Any = typer.Option(
            self.spelling or f"--{dashed}",
            help=f"{self.help} {aside(self.default, f'BATCHER_{self.name.upper()}')}",
            metavar=None if self.kind is bool else self.metavar,
            show_default=False,
            rich_help_panel=self.panel,
        )
        kinds: dict[type, Any] = {str: str | None, bool: bool | None, list: list[str] | None}
        return inspect.Parameter(
            self.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kinds[self.kind], option]
        )


def aside(default: str, variable: str = "") -> str:
    """What stands behind a help text, less loud: the default as people read it, and the variable."""
    parts = [f"default: {default}" if default else "", variable]
    return f"[dim]\\[{', '.join(filter(None, parts))}][/dim]"


def _panel(title: str, *flags: Flag) -> dict[str, Flag]:
    return {
        flag.name: Flag(flag.name, flag.help, flag.metavar, flag.default, flag.kind, flag.spelling, title)
        for flag in flags
    }


LEDGER: Final = _panel(
    "Ledger and campaign",
    Flag("ledger", "The ledger's file.", "PATH", "batcher.db beside the manifest"),
    Flag("campaign", "The campaign's name; may contain {stem} and {date}.", "NAME", "the manifest's stem"),
)
EXISTING_LEDGER: Final = replace(LEDGER["ledger"], default="batcher.db in the current folder")
"""For commands without a manifest."""

TARGET: Final = _panel(
    "Where to",
    Flag("base_url", "The REST API up to and with /molpro.", "URL"),
    Flag("staging", "Click2Mail's staging system.", kind=bool, spelling="--staging"),
    Flag("live", "Click2Mail's production system: real accounts, real mail.", kind=bool, spelling="--live"),
    Flag("sandbox", "An emulator on this machine: no account, no mail.", kind=bool, spelling="--sandbox"),
)
CONNECTION: Final = _panel(
    "Connection",
    Flag("connect_timeout", "To reach the remote.", "DURATION", "10s"),
    Flag("timeout", "One attempt as a whole, to the reply's last byte.", "DURATION", "120s"),
    Flag("trust_env", "Use the proxies that the environment names.", kind=bool, spelling="--trust-env"),
    Flag("ca_file", "Certificates to trust instead of the system's.", "PATH"),
    Flag("lookup_path", "Where jobs are looked up by signature.", "PATH", "/jobs/appSignature"),
    Flag("lookup_query", "The name of the signature in that query.", "NAME", "appSignature"),
)
MANIFEST: Final = _panel(
    "Manifest",
    Flag("format", "csv, tsv, json, jsonl or xlsx.", "FORMAT", "by the file's name"),
    Flag("encoding", "The text's encoding.", "NAME", "UTF-8, or UTF-16 by its mark"),
    Flag("delimiter", "Between the cells of a CSV.", "CHARACTER", "found out"),
    Flag("key", "The column that names a row for good.", "COLUMN", "a hash of the row"),
    Flag("map", "This column is that field; may be repeated.", "COLUMN=FIELD", kind=list),
    Flag("set", "This field has that value in every row; may be repeated.", "FIELD=VALUE", kind=list),
    Flag("keep", "Take this column to the results, do not send it; may be repeated.", "COLUMN", kind=list),
    Flag(
        "keep_app_signature",
        "Send the manifest's own appSignature; lost replies can then not be looked up.",
        kind=bool,
        spelling="--keep-app-signature",
    ),
    Flag("duplicates", "error, or allow: the same row twice makes two jobs.", "error|allow", "error"),
)
AMENDING: Final = _panel(
    "A campaign that is there already",
    Flag("amend", "Take in new and changed rows, withdraw those that are gone.", kind=bool, spelling="--amend"),
    Flag("keep_gone", "With --amend: leave jobs alone whose rows are gone.", kind=bool, spelling="--keep-gone"),
    Flag("again", "Make jobs of rows that another campaign has made.", kind=bool, spelling="--again"),
    Flag("timezone", "For {date} in the campaign's name.", "ZONE", "UTC"),
)
PACE: Final = _panel(
    "Pace and retries",
    Flag("concurrency", "Requests in flight at most.", "N", "16"),
    Flag(
        "adaptive",
        "Begin with few requests in flight, and have fewer when the remote is strained.",
        default="adaptive",
        kind=bool,
        spelling="--adaptive/--no-adaptive",
    ),
    Flag("rate", "Attempts at most, like 10/s or 100/min.", "RATE", "no limit"),
    Flag("max_attempts", "Tries of a row in one run.", "N", "5"),
    Flag("backoff", "The first wait before a retry; doubles, and is drawn from 0 up to it.", "DURATION", "0.5s"),
    Flag("max_backoff", "The longest wait before a retry.", "DURATION", "30s"),
)
PREFLIGHT: Final = _panel(
    "Before anything is sent",
    Flag(
        "preflight",
        "Ask the remote whether lists, documents and products are there.",
        default="preflight",
        kind=bool,
        spelling="--preflight/--no-preflight",
    ),
    Flag("list_wait", "How long to wait for address lists that are not ready.", "DURATION", "60s"),
)
DOUBT: Final = _panel(
    "Doubt",
    Flag("settle", "How long after silence the remote may still make a job.", "DURATION", "300s"),
    Flag("wait", "Stay until rows in doubt are settled.", default="wait", kind=bool, spelling="--wait/--no-wait"),
    Flag(
        "on_doubt",
        "In doubt: look up and else hold, hold without a look, or look up and else send again.",
        "check|hold|resend",
        "check",
    ),
    Flag(
        "strict_500",
        "Hold a row whose 500 the remote reports itself, unless a proven look-up clears it.",
        kind=bool,
        spelling="--strict-500",
    ),
)
LIMITS: Final = _panel(
    "When to stop",
    Flag("max_failures", "Stop at this many rejected or failed rows.", "N|N%"),
    Flag("max_outage", "Stop when the remote was away for so long.", "DURATION", "15m"),
    Flag("max_duration", "Stop after so long.", "DURATION"),
    Flag("limit", "Send this many rows at most.", "N"),
    Flag("drain_timeout", "On SIGTERM: how long to wait for what is in flight.", "DURATION", "25s"),
)
BILLING: Final = _panel(
    "Money",
    Flag("billing_type", "User Credit, Invoice, Credit Card, ACH, Apple Pay or Google Pay.", "TYPE"),
    Flag("max_cost", "Submit nothing if the campaign would cost more in all.", "DOLLARS"),
    Flag("max_cost_per_job", "Submit nothing if one job would cost more.", "DOLLARS"),
)
SUBMIT: Final = _panel(
    "Money",
    Flag(
        "submit", "Then submit what was created; wants --billing-type and --max-cost.", kind=bool, spelling="--submit"
    ),
)
OUTPUT: Final = _panel(
    "Output",
    Flag("json", "The summary as one JSON object.", kind=bool, spelling="--json"),
    Flag("log_format", "auto, json or console.", "FORMAT", "auto"),
    Flag("log_level", "debug, info, warning or error.", "LEVEL", "info"),
)
RESULTS: Final = _panel(
    "Output",
    Flag("results", "Where the results go.", "PATH", "CAMPAIGN.results.csv beside the ledger"),
    Flag("dry_run", "Check and compare everything, send nothing.", kind=bool, spelling="--dry-run"),
)
ONLY_RESULTS: Final = {"results": RESULTS["results"]}


def with_flags(*groups: dict[str, Flag]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Gives a command the flags of these groups, as one mapping in its parameter ``flags``."""
    wanted = {name: flag for group in groups for name, flag in group.items()}

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = [
            parameter
            for parameter in inspect.signature(command, eval_str=True).parameters.values()
            if parameter.name != "flags"
        ]

        @wraps(command)
        def with_them(**given: Any) -> None:
            flags = {name: given.pop(name) for name in wanted}
            command(**given, flags=flags)

        signature = inspect.Signature([*own, *(flag.parameter for flag in wanted.values())])
        with_them.__signature__ = signature  # type: ignore[attr-defined] # typer reads a command's flags from there
        return with_them

    return decorate
