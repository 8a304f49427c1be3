"""
How fast batcher is, beside other ways to post the same rows, and what each part of a run costs.

Everybody posts the same rows (``rows.py``) to the same stub (``stub.py``), as a whole process whose CPU seconds and
peak memory the kernel tells (``stopwatch.py``), alone on one core while the stub has another. The stub is a protocol
server of our own that reads as little of a request as it can and remembers jobs by their signatures, so that batcher
can prove its look-up there; nginx that returns the same bytes gives the same figures, and cannot be looked up in.
Rounds are interleaved, figures are medians, and a ratio is that of two neighbours: on a busy machine read the ratios,
and not the seconds. It prints and asserts nothing.

From a clone that is set up as README says::

    apt-get install curl wrk
    .venv/bin/pip install requests reqstorm
    .venv/bin/python -m tests.bench --json figures.json       # half an hour
    .venv/bin/python -m tests.bench --quick                   # less than a minute

It installs nothing: a client that is missing has a line in the table that says what to install. All traffic stays on
loopback.
"""
