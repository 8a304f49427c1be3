"""
GNU parallel driving curl, a process a row: ``--retries``, ``--joblog``, and ``--resume-failed`` for the second run.

The job log names the rows that were done and how each ended; a row's reply goes to a file of its own.
"""

from __future__ import annotations

import shutil
import subprocess

from tests.bench.peers.contestant import PASSWORD, USER, Desk, Words, job_ids


class Parallel:
    """A pool of curls."""

    name = "`parallel --retries --joblog`, `curl`"
    resumes = True
    made_for = "Runs any command for many inputs. Whether a command may be run twice is for its user to know."

    def missing(self) -> str | None:
        absent = [tool for tool in ("parallel", "curl") if not shutil.which(tool)]
        return f"apt-get install {' '.join(absent)}" if absent else None

    def version(self) -> str:
        said = subprocess.run(["parallel", "--version"], capture_output=True, text=True, check=True).stdout
        return " ".join(said.split()[:3])

    def command(self, desk: Desk) -> list[str]:
        (desk.folder / "replies").mkdir(exist_ok=True)
        limits = desk.limits
        return [
            *("parallel", "--will-cite", "--jobs", str(limits.at_once), "--retries", str(limits.attempts)),
            *("--joblog", "jobs.log", "--resume-failed"),
            *("curl", "--no-progress-meter", "--fail-with-body", "--max-time", str(limits.timeout_s)),
            *("--user", f"{USER}:{PASSWORD}", "--data", "@rows/{}", "--output", "replies/{}.xml", f"{desk.url}/jobs"),
            *(":::", *(form.name for form in desk.forms)),
        ]

    def known_jobs(self, desk: Desk) -> set[str]:
        return set[str]().union(*(job_ids(reply.read_text()) for reply in (desk.folder / "replies").iterdir()))

    def summary(self, words: Words, desk: Desk) -> str:
        """It says nothing of its own; the job log has a line a run of a row, the last of which counts."""
        ends = {}
        for line in desk.read("jobs.log").splitlines()[1:]:
            number, *_, code, _signal, _command = line.split("\t")
            ends[number] = code
        good = sum(code == "0" for code in ends.values())
        errors = len(words.stderr.splitlines())
        return f"job log: {good} of {len(ends)} ended with 0" + (f", {errors} lines of errors" if errors else "")
