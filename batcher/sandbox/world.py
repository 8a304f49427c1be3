"""
What exists at the emulated remote.

Things are written down before they are believed: a change goes to the journal first, then into memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from batcher.sandbox.job import Job, JobState
from batcher.sandbox.journal import Entry, Journal
from batcher.sandbox.materials import SPOILT_ID, AddressList, Credit, Document, ListState, state_of_list
from batcher.sandbox.production import state_at
from batcher.sandbox.settings import SandboxSettings

# In the open world ids from here on exist already, those below do not: a test wants both kinds at hand.
FIRST_FOREIGN_ID = 100

# Where numbering begins; a job number as the reference shows them, the others told apart at a glance.
_FIRST_JOB_ID = 13_000_001
_FIRST_DOCUMENT_ID = 7_000_001
_FIRST_LIST_ID = 4_000_001


class World:
    """
    Jobs, documents, address lists and credit of the one account there is.

    Jobs stay for good, the deleted ones too, so that a number is never given twice.
    """

    def __init__(self, settings: SandboxSettings, journal: Journal | None = None) -> None:
        """
        Start with what the journal holds, or with nothing.

        Raises:
            SandboxError: The journal cannot be read.
        """
        self.settings = settings
        self.jobs: dict[int, Job] = {}
        self.documents: dict[int, Document] = {}
        self.address_lists: dict[int, AddressList] = {}
        self.credit_cents = round(settings.credit * 100)
        self.document_names: set[str] = set()
        self.list_names: set[str] = set()
        self.repeated_signatures = 0
        self.submit_calls: Counter[int] = Counter()
        self.repeated_submits = 0
        self._foreign_lists_since: dict[int, float] = {}
        self._by_signature: dict[str, list[int]] = {}
        self._last_job_id = _FIRST_JOB_ID - 1
        self._journal = journal
        if journal is not None:
            for entry in journal.read():
                self._believe(entry)
        self._jobs_at_start = len(self.jobs)

    @property
    def jobs_created(self) -> int:
        """How many were made since this process began."""
        return len(self.jobs) - self._jobs_at_start

    def record(self, *entries: Entry) -> None:
        """Make these things be, replacing what has the same id; all of them or, on a full disk, none."""
        if self._journal is not None:
            self._journal.append(*entries)
        for entry in entries:
            self._believe(entry)

    def next_job_id(self) -> int:
        """A number no job has ever had."""
        return self._last_job_id + 1

    def next_document_id(self) -> int:
        """A number no uploaded document has."""
        return _FIRST_DOCUMENT_ID + len(self.documents)

    def next_list_id(self) -> int:
        """A number no uploaded list has."""
        return _FIRST_LIST_ID + len(self.address_lists)

    def job(self, job_id: int) -> Job | None:
        """The job, unless there is none or it was deleted."""
        job = self.jobs.get(job_id)
        return None if job is None or job.state is JobState.DELETED else job

    def state_of_job(self, job: Job, now: float) -> JobState:
        """Where it stands; a submitted one moves on by itself."""
        return state_at(job, now, speed=self.settings.speed)

    def has_document(self, document_id: int) -> bool:
        """Whether a job can be made of it."""
        return document_id in self.documents or self._is_foreign(document_id)

    def state_of_list(self, list_id: int, now: float) -> ListState | None:
        """How far the list is, or None when there is none. One made elsewhere counts from the first question for it."""
        delay = self.settings.list_delay
        known = self.address_lists.get(list_id)
        if known is not None:
            return state_of_list(known.created_at, now=now, delay=delay)
        if not self._is_foreign(list_id):
            return None
        if list_id == SPOILT_ID:
            return ListState.ERROR
        since = self._foreign_lists_since.setdefault(list_id, now) if delay else now
        return state_of_list(since, now=now, delay=delay)

    def has_project(self, project_id: int) -> bool:
        """Whether a job may be put into it. Projects cannot be made here, so a strict world has none."""
        return self._is_foreign(project_id)

    def newest_jobs(self, now: float) -> Iterator[Job]:
        """Every job a listing shows by now, the newest first."""
        return (job for job in reversed(self.jobs.values()) if self._is_listed(job, now))

    def jobs_signed(self, signature: str, now: float) -> Iterator[Job]:
        """Those of them that carry a signature."""
        signed = (self.jobs[job_id] for job_id in reversed(self._by_signature.get(signature, ())))
        return (job for job in signed if self._is_listed(job, now))

    def close(self) -> None:
        """Let go of the state file."""
        if self._journal is not None:
            self._journal.close()

    def _is_foreign(self, some_id: int) -> bool:
        return not self.settings.strict and some_id >= FIRST_FOREIGN_ID

    def _is_listed(self, job: Job, now: float) -> bool:
        return job.created_at + self.settings.lag <= now and job.state is not JobState.DELETED

    def _believe(self, entry: Entry) -> None:
        match entry:
            case Job():
                self._believe_job(entry)
            case Document():
                self.documents[entry.id] = entry
                self.document_names.add(entry.name)
            case AddressList():
                self.address_lists[entry.id] = entry
                self.list_names.add(entry.name)
            case Credit():
                self.credit_cents = entry.cents

    def _believe_job(self, job: Job) -> None:
        new = job.id not in self.jobs
        self.jobs[job.id] = job
        if not new:
            return
        self._last_job_id = max(self._last_job_id, job.id)
        if job.signature:
            signed = self._by_signature.setdefault(job.signature, [])
            signed.append(job.id)
            self.repeated_signatures += len(signed) == 2
