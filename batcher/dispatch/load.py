"""
From a manifest to rows in the ledger: validate all, then take in all, then (elsewhere) send.

The manifest is read once. Every row goes into the staging area as it is read, and only a manifest without a problem
becomes part of the ledger, in one transaction. The same file that the campaign was loaded from, read in the same way,
was checked then and is not read again.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from batcher import __version__
from batcher.click2mail.signature import TOKEN_BYTES, new_token
from batcher.core.errors import LoadInterrupted, ManifestError
from batcher.core.row import ManifestRow
from batcher.ledger.records import Campaign, Comparison, HeldJob, Target
from batcher.ledger.staging import Staging
from batcher.manifest import Manifest, Problem, Reading

_FEW = 5
_MOST_DUPLICATES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPolicy:
    """What the flags allow: ``--amend``, ``--keep-gone``, ``--again``, ``--duplicates allow``."""

    amend: bool = False
    keep_gone: bool = False
    again: bool = False
    allow_duplicates: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """
    The campaign with the manifest's rows in it. ``comparison`` is None for a campaign that is new, ``left`` the target
    that it belonged to before, where it has another one now.
    """

    campaign: Campaign
    rows: int
    comparison: Comparison | None
    left: Target | None = None


def load_manifest(
    staging: Staging,
    manifest: Manifest,
    *,
    existing: Campaign | None,
    name: str,
    target: Target,
    reading: Reading,
    policy: LoadPolicy,
    now: str,
    on_rows: Callable[[int], None] = lambda rows: None,
) -> Loaded:
    """
    Takes a manifest into the ledger; to be run as the work of ``Ledger.load``.

    Args:
        existing: The ledger's campaign of that name.
        on_rows: Told once a batch how many rows were read.

    Raises:
        ManifestInvalid: it has problems; the message is the whole report.
        ManifestError: it is another manifest, account or campaign than the ledger's.
        LoadInterrupted: somebody asked to stop.
    """
    if existing is not None and existing.target != target and staging.is_tied(existing):
        raise ManifestError(_another_target(existing, target))
    if existing is not None and (rows := _recall(staging, existing, manifest, reading, policy)) is not None:
        on_rows(rows)
        if not policy.again:
            _require_unmade_elsewhere(staging, name, target)
        return _at_target(staging, existing, target, Comparison(rows=rows, new=0, changed=0, gone=0))
    rows = stage(staging, manifest, allow_duplicates=policy.allow_duplicates, on_rows=on_rows)
    if not policy.again:
        _require_unmade_elsewhere(staging, name, target)
    described = _description(manifest, reading)
    imprint = _read_as(reading, policy, manifest.imprint.of_what_was_read())
    if existing is None:
        token = new_token(secrets.token_bytes(TOKEN_BYTES))
        campaign = staging.create(name=name, token=token, target=target, now=now, **described)
        staging.note_imprint(campaign, imprint)
        return Loaded(campaign=campaign, rows=rows, comparison=None)
    campaign, comparison = existing, _carry_on(staging, existing, policy, reading)
    # What was pruned went from the description too.
    if not comparison.same or staging.restore(campaign):
        campaign = staging.describe(campaign, **described)
    staging.note_imprint(campaign, imprint)
    return _at_target(staging, campaign, target, comparison)


def _recall(
    staging: Staging, campaign: Campaign, manifest: Manifest, reading: Reading, policy: LoadPolicy
) -> int | None:
    """How many rows the manifest has, if it is the one that the campaign's rows are from; None if it must be read."""
    imprint = _read_as(reading, policy, manifest.imprint.of_the_file_now())
    return None if imprint is None else staging.recall(campaign, imprint)


def _read_as(reading: Reading, policy: LoadPolicy, imprint: str | None) -> str | None:
    """The imprint together with all else that decides what rows a file has, and whether they are valid."""
    if imprint is None:
        return None
    described = [imprint, __version__, reading.as_dict(), policy.allow_duplicates]
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()


def _at_target(staging: Staging, campaign: Campaign, target: Target, comparison: Comparison) -> Loaded:
    """The campaign that was there already, belonging to that target."""
    if campaign.target == target:
        return Loaded(campaign=campaign, rows=comparison.rows, comparison=comparison)
    left = campaign.target
    return Loaded(campaign=staging.retarget(campaign, target), rows=comparison.rows, comparison=comparison, left=left)


def stage(
    staging: Staging,
    manifest: Manifest,
    *,
    allow_duplicates: bool,
    on_rows: Callable[[int], None] = lambda rows: None,
    on_batch: Callable[[Sequence[ManifestRow]], None] = lambda batch: None,
) -> int:
    """
    Reads the whole manifest into the staging area; returns how many rows it has.

    ``on_rows`` is told once a batch how many rows were read, ``on_batch`` which.

    Raises:
        ManifestInvalid: it has problems, doubled keys among them.
        LoadInterrupted: somebody asked to stop.
    """
    rows = 0
    for batch in manifest.batches(is_stopped=staging.is_stopped):
        staging.add(batch)
        on_batch(batch)
        rows += len(batch)
        on_rows(rows)
    if staging.is_stopped():
        # Whoever stopped us may have stopped the manifest's writer too: what was read is perhaps not all of it.
        raise LoadInterrupted
    if allow_duplicates:
        staging.number_duplicates()
    else:
        duplicates, count = staging.duplicates(_MOST_DUPLICATES)
        for duplicate in duplicates:
            reason = f"the same row as in line {duplicate.first_line}"
            manifest.problems.add(
                Problem(line=duplicate.line, reason=reason, suggestion="--duplicates allow takes it as another job")
            )
        manifest.problems.total += count - len(duplicates)
    manifest.require_valid()
    return rows


def correct_rows(staging: Staging, manifest: Manifest, campaign: Campaign) -> int:
    """
    Takes corrected rows of a failed file in place of the old ones; returns how many.

    Raises:
        ManifestInvalid: the file has problems.
        ManifestError: it names rows that cannot be corrected.
    """
    for batch in manifest.batches(is_stopped=staging.is_stopped):
        staging.add(batch)
    manifest.require_valid()
    taken, refused = staging.correct(campaign)
    if refused:
        raise ManifestError(
            f"{manifest.name}: only rejected, failed and pending rows can be corrected;"
            f" take these out of the file: {_some(refused, len(refused))}"
        )
    return taken


def _description(manifest: Manifest, reading: Reading) -> dict[str, Any]:
    """What the ledger wants to know of a manifest, beside its rows."""
    return {
        "manifest": manifest.name,
        "columns": manifest.columns,
        "kept_columns": manifest.kept_columns,
        "reading": reading.as_dict() | {"field_of": dict(manifest.field_of)},
        "own_signatures": "appSignature" in manifest.field_of.values() or "appSignature" in reading.constants,
    }


def _another_target(campaign: Campaign, target: Target) -> str:
    """Why the campaign cannot be run at that target, and what to do."""
    if campaign.target.base_url != target.base_url:
        return (
            f"campaign {campaign.name!r} of this ledger belongs to {campaign.target.base_url}, where rows of it were"
            f" sent, not to {target.base_url}; name another campaign with --campaign, or another file with --ledger"
        )
    return (
        f"campaign {campaign.name!r} of this ledger belongs to another user name, under which rows of it were sent;"
        " use that account's credentials, or name another campaign with --campaign"
    )


def _require_unmade_elsewhere(staging: Staging, name: str, target: Target) -> None:
    held, count = staging.held_elsewhere(name, target.base_url, _FEW)
    if held:
        raise ManifestError(
            f"{count:,} of the rows were already sent in another campaign of this ledger: {_some(held, count)};"
            " --again makes them once more"
        )


def _carry_on(staging: Staging, campaign: Campaign, policy: LoadPolicy, reading: Reading) -> Comparison:
    comparison = staging.compare(campaign)
    if comparison.same:
        return comparison
    if reading.key != (named_by := campaign.reading.get("key")) and comparison.gone_sent_count:
        # Under other keys every row is new, also those that are jobs already.
        raise ManifestError(
            f"the rows of campaign {campaign.name!r} are named {_named_by(named_by)}, not {_named_by(reading.key)}, and"
            f" {comparison.gone_sent_count:,} of them may already be jobs; give --key as before"
        )
    if not policy.amend:
        raise ManifestError(
            f"campaign {campaign.name!r} of this ledger has other rows: {comparison.new:,} are new,"
            f" {comparison.changed:,} changed, {comparison.gone:,} gone; --amend brings it up"
            " to date, or name another campaign with --campaign"
        )
    if comparison.conflicts:
        raise ManifestError(
            f"{comparison.conflict_count:,} changed rows may already be jobs: "
            f"{_some(comparison.conflicts, comparison.conflict_count)}; give them back their old values"
        )
    if comparison.gone_sent and not policy.keep_gone:
        raise ManifestError(
            f"{comparison.gone_sent_count:,} rows that are gone from the manifest may already be jobs: "
            f"{_some(comparison.gone_sent, comparison.gone_sent_count)}; --keep-gone leaves them as they are"
        )
    staging.amend(campaign)
    return comparison


def _named_by(column: str | None) -> str:
    return "by a hash of what they send (no --key)" if column is None else f"by the column {column!r} (--key)"


def _some(jobs: tuple[HeldJob, ...] | list[HeldJob], count: int) -> str:
    """The first few of these rows, by key, state and job id."""
    texts = [
        f"{job.key} ({job.state.replace('_', ' ')}"
        + (f", job {job.job_id}" if job.job_id else "")
        + (f", in {job.campaign}" if job.campaign else "")
        + ")"
        for job in jobs[:_FEW]
    ]
    return ", ".join(texts) + (", …" if count > len(texts) else "")
