"""
curl with ``--parallel``: a config file with one request a row, separated by ``next``.

``--parallel-immediate``, or curl waits for the first connection to learn whether it can be shared, and the time of
the others runs out. ``--fail-with-body`` makes a 500 a failure. Each reply goes to a file of its own, and a config that
is written again leaves out the rows whose reply has a job: curl keeps no record, so a careful user does this.

Twice here: with retries of all errors, of which curl's manual warns that they may send data twice; and with none, never
run again, for comparison: what nobody sends twice. In the second, each request asks for a connection of its own, since
curl by itself sends a request again when a connection that it uses anew is reset, whatever ``--retry`` says.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter

from tests.bench.peers.contestant import PASSWORD, USER, Desk, Words, job_ids


class Curl:
    """One process for all rows."""

    name = "`curl --parallel --retry`"
    resumes = True
    made_for = "Transfers whatever has a URL. Its manual warns that `--retry-all-errors` may send data twice."

    def missing(self) -> str | None:
        return None if shutil.which("curl") else "apt-get install curl"

    def version(self) -> str:
        said = subprocess.run(["curl", "--version"], capture_output=True, text=True, check=True).stdout
        return " ".join(said.split()[:2])

    def command(self, desk: Desk) -> list[str]:
        (desk.folder / "replies").mkdir(exist_ok=True)
        requests = [self._request(form.stem, desk) for form in desk.forms if not self._has_job(form.stem, desk)]
        (desk.folder / "letters.curl").write_text("next\n".join(requests))
        at_once = ("--parallel", "--parallel-immediate", "--parallel-max", str(desk.limits.at_once))
        return ["curl", "--no-progress-meter", *at_once, "--config", "letters.curl"]

    def known_jobs(self, desk: Desk) -> set[str]:
        return set[str]().union(*(job_ids(reply.read_text()) for reply in (desk.folder / "replies").iterdir()))

    def summary(self, words: Words, desk: Desk) -> str:
        """Its ``--write-out`` has a line a row; on stderr stand warnings of the retries, and the errors."""
        codes = Counter(line.split()[1] for line in words.stdout.splitlines())
        told = ", ".join(f"{count} × HTTP {code}" for code, count in sorted(codes.items()))
        warnings = len(re.findall(r"^Warning: Problem", words.stderr, re.MULTILINE))
        return told.replace("HTTP 000", "no reply") + (f", {warnings} warnings" if warnings else "")

    def _request(self, row: str, desk: Desk) -> str:
        return "\n".join(
            (
                f'url = "{desk.url}/jobs"',
                f'user = "{USER}:{PASSWORD}"',
                f'data = "@rows/{row}.form"',
                f'output = "replies/{row}.xml"',
                f'write-out = "{row} %{{http_code}} %{{exitcode}}\\n"',
                f"max-time = {desk.limits.timeout_s}",
                "fail-with-body",
                *self._retry(desk),
                "",
            )
        )

    def _retry(self, desk: Desk) -> tuple[str, ...]:
        return (f"retry = {desk.limits.attempts - 1}", "retry-all-errors")

    def _has_job(self, row: str, desk: Desk) -> bool:
        reply = desk.folder / "replies" / f"{row}.xml"
        return reply.exists() and bool(job_ids(reply.read_text()))


class CurlOnce(Curl):
    """Every row is sent once, and never again."""

    name = "`curl --parallel`, once"
    resumes = False
    made_for = (
        "The same without a retry and never run again: a person has to find out what became of the rows that failed."
    )

    def _retry(self, desk: Desk) -> tuple[str, ...]:
        return ('header = "Connection: close"',)
