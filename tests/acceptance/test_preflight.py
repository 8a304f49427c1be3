"""``batcher run`` looks before it sends: what is surely wrong costs nothing, and what cannot be asked stops nothing."""

from __future__ import annotations

import json
import signal
import urllib.request
from base64 import b64encode
from pathlib import Path

import pytest

from tests.acceptance.conftest import Sandbox, Shell, emulator, send_signal, wait_until

QUICK = ("--timeout", "5", "--settle", "1", "--backoff", "0.05", "--max-backoff", "0.2", "--log-format", "json")
LIST = (
    b"<addressList><addressListName>%s</addressListName><addressMappingId>1</addressMappingId><addresses><address>"
    b"<Address1>1 Main St</Address1></address></addresses></addressList>"
)


def upload_list(sandbox: Sandbox, name: bytes = b"spring") -> None:
    """The first list of a sandbox gets the id 4000001."""
    request = urllib.request.Request(f"{sandbox.url}/addressLists", data=LIST % name, method="POST")
    request.add_header("Authorization", "Basic " + b64encode(b"user:canary-secret").decode())
    with urllib.request.urlopen(request, timeout=60) as reply:
        assert reply.status == 201


def upload_document(sandbox: Sandbox, document_class: str) -> None:
    """The first document of a sandbox gets the id 7000001."""
    fields = {"documentClass": document_class, "documentFormat": "PDF", "documentName": "spring"}
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    ]
    parts.append('--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\nx\r\n--b--\r\n')
    request = urllib.request.Request(f"{sandbox.url}/documents", data="".join(parts).encode(), method="POST")
    request.add_header("Authorization", "Basic " + b64encode(b"user:canary-secret").decode())
    request.add_header("Content-Type", "multipart/form-data; boundary=b")
    with urllib.request.urlopen(request, timeout=60) as reply:
        assert reply.status == 201


def events(err: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in err.splitlines() if line.startswith("{")]


def test_what_is_surely_wrong_is_said_before_anything_is_sent_and_mended_it_goes_on(shell: Shell) -> None:
    shell.manifest(30, addressId={5: "7", 6: "7"}, productionTime={8: "Next Business Day"}, documentId={9: "7000001"})
    with emulator(shell.folder) as sandbox:
        upload_document(sandbox, "Postcard 5 x 8")
        refused = shell.here("run", "letters.csv", "--base-url", sandbox.url, *QUICK)
        creates = sandbox.stats()["calls"].get("create", 0)
        status = shell.here("status", "letters", "--json")
        shell.manifest(30)
        mended = shell.here("run", "letters.csv", "--base-url", sandbox.url, "--amend", *QUICK)
        stats = sandbox.stats()

    said = [line for line in refused.stderr.splitlines() if not line.startswith("{")]
    assert (refused.returncode, creates) == (4, 0)
    assert said[0] == "error: letters.csv: the remote would refuse 3 values in it; nothing was sent"
    assert said[1].startswith("  line 6 and 1 more row: addressId 7: the remote has no such list (HTTP 400, code 9:")
    assert said[2].startswith('  line 9: product "Letter 8.5 x 11": the remote knows no such product')
    assert said[2].endswith('the nearest has productionTime "Next Day" instead of "Next Business Day"')
    assert said[3].startswith('  line 10: documentId 7000001: its class is "Postcard 5 x 8" at the remote, not "Letter')
    assert json.loads(status.stdout)["counts"] == {"pending": 30}
    assert (mended.returncode, stats["jobs_created"], stats["repeated_signatures"]) == (0, 30, 0), mended.stderr


def test_a_run_with_nothing_left_to_send_asks_nothing(shell: Shell) -> None:
    shell.manifest(3)
    with emulator(shell.folder) as sandbox:
        shell.here("run", "letters.csv", "--base-url", sandbox.url, *QUICK)
        before = sandbox.stats()["calls"]
        again = shell.here("run", "letters.csv", "--base-url", sandbox.url, *QUICK)
        after = sandbox.stats()["calls"]

    assert again.returncode == 0
    assert before == after


def test_lists_that_become_ready_are_waited_for(shell: Shell) -> None:
    """A job of a list that is not ready is rejected, so all rows are created only where they were held back."""
    shell.manifest(3, addressId=dict.fromkeys((1, 2, 3), "4000001"))
    with emulator(shell.folder, "--list-delay", "5") as sandbox:
        upload_list(sandbox)
        ended = shell.here("run", "letters.csv", "--base-url", sandbox.url, *QUICK)

    assert ended.returncode == 0, ended.stderr


def test_lists_that_stay_unready_end_the_run_with_nothing_sent(shell: Shell) -> None:
    """Exit 5: the same command again, later, is all that it takes."""
    shell.manifest(3, addressId={2: "4000001"})
    with emulator(shell.folder, "--list-delay", "3600") as sandbox:
        upload_list(sandbox)
        ended = shell.here("run", "letters.csv", "--base-url", sandbox.url, "--list-wait", "1", "--json", *QUICK)
        creates = sandbox.stats()["calls"].get("create", 0)

    summary = json.loads(ended.stdout)
    assert (ended.returncode, creates, summary["counts"]) == (5, 0, {"pending": 3})
    assert summary["stopped"] == "address lists are not ready yet (addressId 500, 4000001)"
    assert {row["state"] for row in shell.results()} == {"pending"}


@pytest.mark.parametrize("fault", ["not_found", "page_502", "error_500", "garbage", "forbidden"])
def test_a_preflight_that_cannot_run_stops_nothing(shell: Shell, fault: str) -> None:
    shell.manifest(3)
    asked = ("list_status", "lists", "documents", "product_options", "cost_estimate")
    faults = "".join(f'[[fault]]\non = "{endpoint}"\ndo = "{fault}"\n' for endpoint in asked)
    with emulator(shell.folder, faults=faults) as sandbox:
        ended = shell.here("run", "letters.csv", "--base-url", sandbox.url, *QUICK)

    skipped = [event["check"] for event in events(ended.stderr) if event["event"] == "preflight.skipped"]
    assert ended.returncode == 0, ended.stderr
    assert sorted(skipped) == ["address lists", "documents", "products"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_a_preflight_that_hangs(shell: Shell, number: signal.Signals, code: int) -> None:
    shell.manifest(3)
    with emulator(shell.folder, faults='[[fault]]\non = "list_status"\ndo = "stall"\n') as sandbox:
        process = shell.start("run", "letters.csv", "--base-url", sandbox.url, "--timeout", "200")
        wait_until(lambda: sandbox.stats()["calls"].get("list_status"))
        ended, _, err = send_signal(process, number)
        creates = sandbox.stats()["calls"].get("create", 0)

    assert (ended, creates) == (code, 0), err
    assert {row["state"] for row in shell.results()} == {"pending"}


def test_a_dry_run_needs_no_remote(shell: Shell) -> None:
    shell.manifest(3, addressId={2: "7"})

    ended = shell.here("run", "letters.csv", "--base-url", "http://127.0.0.1:9/molpro", "--dry-run")

    assert ended.returncode == 0, ended.stderr
    assert "preflight" not in ended.stderr


def test_without_a_preflight_the_remote_itself_refuses(shell: Shell) -> None:
    shell.manifest(3, addressId={2: "7"})
    with emulator(shell.folder) as sandbox:
        ended = shell.here("run", "letters.csv", "--base-url", sandbox.url, "--no-preflight", *QUICK)
        calls = sandbox.stats()["calls"]

    assert ended.returncode == 3
    assert not {"list_status", "documents", "product_options"} & calls.keys()
    assert Path(shell.folder / "letters.failed.csv").exists()
