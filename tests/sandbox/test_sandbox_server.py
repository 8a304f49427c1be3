"""The emulator as a process."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeAlias
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen
from xml.etree.ElementTree import fromstring

import pytest

from batcher.sandbox import DEMO_FAULTS, SandboxSettings
from batcher.sandbox.__main__ import read_arguments
from tests.sandbox.caller import LETTER, basic

PATIENCE_S = 120
Started: TypeAlias = "tuple[subprocess.Popen[str], str]"
StartSandbox: TypeAlias = Callable[..., Started]


@pytest.fixture
def start_sandbox() -> Iterator[StartSandbox]:
    """Start a process with these arguments; gives it and its URL."""
    with ExitStack() as stack:

        def start(*arguments: str) -> Started:
            command = [sys.executable, "-W", "error", "-m", "batcher.sandbox", *arguments]
            pipe = subprocess.PIPE
            process = stack.enter_context(subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True))
            stack.callback(process.kill)
            assert process.stdout is not None
            said = json.loads(process.stdout.readline())
            assert said["pid"] == process.pid
            return process, said["url"]

        yield start


def create(url: str, **changes: str) -> int:
    """Create a letter and give its id."""
    request = Request(f"{url}/jobs", urlencode({**LETTER, **changes}).encode(), basic("a:b"))
    with urlopen(request, timeout=PATIENCE_S) as reply:
        return int(fromstring(reply.read()).findtext("id", ""))


def stats(url: str) -> Any:
    with urlopen(f"{url.removesuffix('/molpro')}/_sandbox/stats", timeout=PATIENCE_S) as reply:
        return json.load(reply)


def last_words(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """How it ended, and what else it said."""
    out, err = process.communicate(timeout=PATIENCE_S)
    return process.returncode, out, err


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_listens_and_stops_quietly(start_sandbox: StartSandbox, number: signal.Signals) -> None:
    """One line on stdout, jobs while it runs, and no word when it is stopped."""
    process, url = start_sandbox("--port", "0")
    job_id = create(url)

    process.send_signal(number)

    assert (url.startswith("http://127.0.0.1:"), url.endswith("/molpro"), job_id) == (True, True, 13000001)
    assert last_words(process) == (0, "", "")


def test_it_goes_with_its_parent(start_sandbox: StartSandbox) -> None:
    """The end of standard input stops it."""
    process, url = start_sandbox("--exit-with-parent", "--latency", "0.01-0.02")
    create(url)

    assert last_words(process) == (0, "", "")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_it_stops_while_a_call_is_stalled(start_sandbox: StartSandbox, tmp_path: Path) -> None:
    """A caller that waits for ever does not keep it alive."""
    plan = tmp_path / "plan.toml"
    plan.write_text('[[fault]]\non = "create"\ndo = "stall_after"\n')
    process, url = start_sandbox("--faults", str(plan))
    host, port = url.removeprefix("http://").removesuffix("/molpro").split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE_S) as connection:
        head = f"POST /molpro/jobs?{urlencode(LETTER)} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic YTpi\r\n\r\n"
        connection.sendall(head.encode())
        while not stats(url)["jobs_created"]:
            pass

        process.send_signal(signal.SIGTERM)

        assert last_words(process) == (0, "", "")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_a_killed_process_has_lost_nothing(start_sandbox: StartSandbox, tmp_path: Path) -> None:
    """What was answered is there after kill -9, and numbering goes on."""
    state = tmp_path / "state.jsonl"
    process, url = start_sandbox("--state", str(state))
    ids = [create(url, appSignature=f"row-{number}") for number in range(20)]
    process.kill()
    process.wait(PATIENCE_S)

    _again, url = start_sandbox("--state", str(state))

    assert stats(url)["jobs"] == 20
    assert create(url) == ids[-1] + 1


def test_a_caller_that_hangs_up_in_the_middle_of_its_request_is_no_error(start_sandbox: StartSandbox) -> None:
    """Nothing is made of it and nothing is said of it; the next caller is served."""
    process, url = start_sandbox()
    address = urlsplit(url)
    head = b"POST /molpro/jobs HTTP/1.1\r\nHost: here\r\nAuthorization: Basic dTpw\r\nContent-Length: 999\r\n\r\n"
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=PATIENCE_S) as caller:
        caller.sendall(head + b"documentClass=")
        deadline = time.monotonic() + PATIENCE_S
        while "create" not in stats(url)["calls"] and time.monotonic() < deadline:
            time.sleep(0.01)

    made = create(url)
    jobs = stats(url)["jobs"]
    process.terminate()

    assert (made > 0, jobs, last_words(process)) == (True, 1, (0, "", ""))


def test_faults_reset_the_connection(start_sandbox: StartSandbox, tmp_path: Path) -> None:
    """Under the loop the process runs in, too."""
    plan = tmp_path / "plan.toml"
    plan.write_text(
        '[[fault]]\non = "create"\ncall = 1\ndo = "reset_after"\n[[fault]]\non = "create"\ncall = 2\ndo = "refuse"\n'
    )
    process, url = start_sandbox("--faults", str(plan), "--exit-with-parent")

    for _ in range(2):
        with pytest.raises((ConnectionResetError, URLError)) as torn:
            create(url)
        assert isinstance(getattr(torn.value, "reason", torn.value), ConnectionResetError)

    assert stats(url)["jobs_created"] == 1
    assert last_words(process) == (0, "", "")


def test_required_credentials(start_sandbox: StartSandbox) -> None:
    """Given on the command line."""
    _process, url = start_sandbox("--require-auth", "ann:secret", "--exit-with-parent")

    with pytest.raises(HTTPError) as refused:
        create(url)

    assert refused.value.code == 401
    refused.value.close()


def run_to_end(*arguments: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "batcher.sandbox", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_a_port_in_use() -> None:
    """One line on stderr that says what to do, and exit 2."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        ended = run_to_end("--port", str(port))

    expected = f"error: 127.0.0.1:{port} is in use; name another port, or 0 for a free one\n"
    assert ended == (2, "", expected)


def test_a_plan_that_cannot_be_read(tmp_path: Path) -> None:
    """The same: one line, exit 2."""
    code, out, err = run_to_end("--faults", str(tmp_path / "none.toml"))

    assert (code, out) == (2, "")
    assert err == f"error: fault plan {tmp_path / 'none.toml'}: {os.strerror(2)}\n"


def test_an_address_that_is_not_ours() -> None:
    """The same: one line, exit 2."""
    code, out, err = run_to_end("--host", "192.0.2.1")

    assert (code, out) == (2, "")
    assert err.startswith("error: cannot listen on 192.0.2.1:0: ")
    assert err.count("\n") == 1


def test_the_command_line() -> None:
    """Every setting has its argument."""
    line = (
        "--host ::1 --port 8080 --latency 0.05-0.2 --faults plan.toml --seed 7 --require-auth a:b --state s.jsonl"
        " --lag 1.5 --lookup-mode empty --strict --list-delay 2 --credit 10 --speed 60 --deleted-jobs shown"
        " --clock-off -90 --exit-with-parent"
    )

    assert read_arguments(line.split()) == SandboxSettings(
        host="::1",
        port=8080,
        latency="0.05-0.2",
        faults=Path("plan.toml"),
        seed=7,
        require_auth="a:b",
        state=Path("s.jsonl"),
        lag=1.5,
        lookup_mode="empty",
        strict=True,
        list_delay=2.0,
        credit=10.0,
        speed=60.0,
        deleted_jobs="shown",
        clock_off=-90.0,
        exit_with_parent=True,
    )


def test_the_command_line_without_arguments() -> None:
    """The defaults of the settings, and the demonstration on request."""
    assert read_arguments([]) == SandboxSettings(latency="0")
    assert read_arguments(["--demo-faults"]).faults == DEMO_FAULTS


def test_a_wrong_argument(capsys: pytest.CaptureFixture[str]) -> None:
    """Usage and what is wrong, exit 2."""
    with pytest.raises(SystemExit) as ended:
        read_arguments(["--latency", "fast"])

    assert ended.value.code == 2
    assert "latency must be seconds" in capsys.readouterr().err
