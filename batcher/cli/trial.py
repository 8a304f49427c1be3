"""``--probe`` of the doctor: which row a draft is made of, where that is allowed, and what it shows."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from batcher.click2mail.client import Click2MailClient
from batcher.click2mail.form import SIGNATURE_FIELD
from batcher.click2mail.signature import TOKEN_BYTES, new_token, rehearsal_signature
from batcher.core.errors import ConfigError
from batcher.core.pace import parse_rate
from batcher.core.patience import Patience
from batcher.core.row import ManifestRow
from batcher.dispatch.checkup import Check, skipped
from batcher.dispatch.checkup.rehearsal import Orders, rehearse
from batcher.dispatch.checkup.rehearsed import checks_of
from batcher.dispatch.clock import SystemClock
from batcher.dispatch.stop import Stop
from batcher.manifest import open_manifest
from batcher.settings import LIVE_URL, Settings

from .session import reading_of
from .show import note, row_words
from .signals import stopping

_HOW_TO_PROBE: Final = "--probe MANIFEST makes one draft of its first row, finds it and deletes it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The row that a draft is to be made of."""

    manifest: str
    row: ManifestRow

    @property
    def words(self) -> str:
        return f"row {self.row.number} of {self.manifest}"


def require_allowed(settings: Settings, manifest: str | None, row: str | None, *, live_probe: bool) -> None:
    """
    Raises:
        ConfigError: ``--probe`` lacks what it needs, or would make a draft on the live system without being told to.
    """
    if manifest is None:
        if row is not None or live_probe:
            raise ConfigError(f"flag {'--row' if row is not None else '--live-probe'}: it belongs to --probe MANIFEST")
        return
    if is_live(settings.target) and not live_probe:
        raise ConfigError(
            "--probe makes a draft, and this is the live system: probe on --staging, or add --live-probe (a draft costs"
            " nothing, and it is deleted again)"
        )


def read_trial(settings: Settings, manifest: str, number: int) -> Trial:
    """
    The row of that number, read as ``run`` reads it; the manifest is read no further than to the next valid row.

    Raises:
        ManifestError: The manifest cannot be read, or is wrong as far as that row.
        ConfigError: It has no such row.
    """
    with open_manifest(manifest, reading_of(settings)) as opened:
        rows = 0
        for row in opened.rows():
            rows = row.number
            if rows >= number:
                break
        opened.require_valid()
        if rows != number:
            raise ConfigError(f"flag --row: {opened.name} has {row_words(rows)}, and none of number {number}")
        return Trial(manifest=opened.name, row=row)


def is_live(target: str) -> bool:
    """Whether that address is the vendor's live system, however it was named."""
    return (urlsplit(target).hostname or "").rstrip(".") == urlsplit(LIVE_URL).hostname


async def checks_of_a_draft(
    settings: Settings, client: Click2MailClient | None, trial: Trial | None, stop: Stop
) -> list[Check]:
    """Makes the draft, where there is a client and a trial for it."""
    if trial is None:
        return [skipped("look-up", "not tried", _HOW_TO_PROBE)]
    if client is None:
        return [skipped("draft", "none was made, because the account did not let us in")]
    signatures = [rehearsal_signature(new_token(secrets.token_bytes(TOKEN_BYTES))) for _ in range(2)]
    orders = Orders(
        parameters={name: value for name, value in trial.row.parameters.items() if name != SIGNATURE_FIELD},
        signature=signatures[0],
        unused=signatures[1],
        patience=Patience(settle_s=settings.settle),
        send_window_s=settings.send_window,
        drain_timeout_s=settings.drain_timeout,
        rate_per_s=None if settings.rate is None else parse_rate(settings.rate),
    )
    with stopping(stop):
        seen = await rehearse(client, SystemClock(), orders, stop, lambda line: note(f"probe: {line}"))
    own = settings.keep_app_signature
    return checks_of(seen, row=trial.words, jobs_url=str(client.addresses.jobs), own_signatures=own)
