"""The world over restarts."""

from pathlib import Path

import pytest

from batcher.sandbox import SandboxError, SandboxSettings, create_app
from batcher.sandbox.job import Job, PrintOptions
from batcher.sandbox.journal import Entry, Journal, decode, encode
from batcher.sandbox.materials import AddressList, Credit, Document
from batcher.sandbox.world import World
from tests.sandbox.caller import CREDIT
from tests.sandbox.conftest import OpenSandbox

JOB = Job(
    id=13000001,
    signature="row-é",
    document_id=5000,
    address_id=6000,
    options=PrintOptions("Letter", "L", "Next Day", " ", "Full Color", "White", "One", "First Class"),
    pieces=2,
    project_id=0,
    mailing_date="",
    created_at=1748883600.25,
)


def world_in(path: Path, *entries: Entry) -> World:
    """A world as a process would load it, with some more recorded."""
    world = World(SandboxSettings(), Journal(path))
    if entries:
        world.record(*entries)
    world.close()
    return world


@pytest.mark.parametrize(
    "entry",
    [
        JOB,
        Document(id=1, name="d", document_class="c", document_format="PDF", size_bytes=3, created_at=0.5),
        AddressList(id=2, name="l", mapping_id=1, addresses=9, created_at=1.5),
        Credit(cents=12),
    ],
)
def test_a_line_holds_a_thing_whole(entry: Entry) -> None:
    """What is written is what is read, on one line."""
    line = encode(entry)

    assert decode(line) == entry
    assert line.count(b"\n") == 1


@pytest.mark.parametrize(
    "line", [b"", b"{}\n", b"[]\n", b"1\n", b'{"job":{}}\n', b'{"job":{"id":1}}\n', b'{"dog":{}}\n']
)
def test_what_is_no_line(line: bytes) -> None:
    """Nonsense is no entry and no error."""
    assert decode(line) is None


def test_every_torn_line_is_seen(tmp_path: Path) -> None:
    """However few bytes of the last line are missing, what came before is kept and can be added to."""
    path = tmp_path / "state.jsonl"
    for cut in range(1, len(encode(JOB)) + 1):
        path.write_bytes(encode(Credit(cents=1)) + encode(JOB)[:-cut])

        assert (world := world_in(path, Credit(cents=2))).jobs == {}
        assert world.next_job_id() == 13000001
        assert path.read_bytes() == encode(Credit(cents=1)) + encode(Credit(cents=2))


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    """It is left as it was, and the complaint names file and line."""
    path = tmp_path / "letters.csv"
    path.write_bytes(encode(JOB) + b"a,b\n1,2\n")

    with pytest.raises(SandboxError, match=r"letters\.csv, line 2: not written by a sandbox"):
        world_in(path)

    assert path.read_bytes().endswith(b"1,2\n")


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    """The complaint names it."""
    with pytest.raises(SandboxError, match=r"state file .*: No such file or directory"):
        create_app(SandboxSettings(state=tmp_path / "nowhere" / "state.jsonl"))


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be written whole was not written, and is not believed."""
    path = tmp_path / "state.jsonl"
    world = World(SandboxSettings(), journal := Journal(path))
    world.record(Credit(cents=1))
    file = journal._file

    class FullDisk:
        def write(self, lines: bytes) -> int:
            return file.write(lines[:10])

        def __getattr__(self, name: str) -> object:
            return getattr(file, name)

    monkeypatch.setattr(journal, "_file", FullDisk())
    with pytest.raises(OSError, match="state file could not be written"):
        world.record(JOB)
    monkeypatch.undo()

    assert world.jobs == {}
    assert path.read_bytes() == encode(Credit(cents=1))
    world.close()


async def test_the_world_outlives_the_process(open_sandbox: OpenSandbox, tmp_path: Path) -> None:
    """Jobs, their states, signatures and numbers, and the balance are those of before."""
    state = tmp_path / "state.jsonl"
    before = await open_sandbox(state=state, credit=5.0)
    submitted, deleted, draft = [await before.created(appSignature=each) for each in ("a", "b", "a")]
    await before.post(f"/jobs/{submitted}/submit", CREDIT)
    await before.post(f"/jobs/{deleted}/delete")

    after = await open_sandbox(state=state, credit=99.0)

    assert after.world.jobs == before.world.jobs
    assert after.world.jobs[submitted].charged_cents == 79
    assert after.world.credit_cents == before.world.credit_cents == 421
    assert (await after.get("/jobs/appSignature", appSignature="a")).job_ids == [draft, submitted]
    assert (await after.get(f"/jobs/{deleted}"))["description"] == "Job ID not found"
    assert await after.created() == draft + 1
    assert after.world.jobs_created == 1


async def test_uploads_outlive_the_process(open_sandbox: OpenSandbox, tmp_path: Path) -> None:
    """A document's id is not given again, and its name stays taken."""
    state = tmp_path / "state.jsonl"
    document = Document(
        id=7000001, name="d", document_class="Letter 8.5 x 11", document_format="PDF", size_bytes=1, created_at=0
    )
    address_list = AddressList(id=4000001, name="l", mapping_id=1, addresses=3, created_at=0)
    world_in(state, document, address_list)

    after = await open_sandbox(state=state, strict=True)
    job_id = await after.created(documentId="7000001", addressId="4000001")

    assert after.world.jobs[job_id].pieces == 3
    assert (after.world.next_document_id(), after.world.next_list_id()) == (7000002, 4000002)
    assert "d" in after.world.document_names


def test_options_are_kept_once(tmp_path: Path) -> None:
    """Jobs of the same options share one set of them, over a restart too."""
    path = tmp_path / "state.jsonl"
    path.write_bytes(encode(JOB) + encode(JOB).replace(b"13000001", b"13000002"))

    first, second = world_in(path).jobs.values()

    assert first.options is second.options
