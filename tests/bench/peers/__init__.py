"""
What usual tools make of a bad remote, beside what batcher makes of it: one table a scenario.

Everybody gets the same rows, the same time limit, the same number of tries and of requests at once, and a fresh
sandbox with the same faults on the same rows (``scenario.py``). Whoever reports failure is run once more. The sandbox
then says which jobs there are, the tool's own record says which it knows of, and ``score.py`` compares the two.
Nothing is measured in seconds.

Each tool is used as its manual says and as carefully as it allows: each saves what it was answered row by row, and none
sends a row again whose reply it has saved. Which flags that takes stands in the file of each.

From a clone that is set up as README says, all of them::

    apt-get install curl parallel
    .venv/bin/pip install aiohttp-retry reqstorm
    .venv/bin/python -m tests.bench.peers

The script installs nothing: a tool that is missing has a line in the table that says what to install. All traffic stays
on loopback.
"""
