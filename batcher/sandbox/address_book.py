"""Address lists: upload, state, listing (API reference, upload an address list)."""

from __future__ import annotations

from itertools import islice

from batcher.sandbox import verdicts
from batcher.sandbox.call import Call
from batcher.sandbox.inquiry import timestamp
from batcher.sandbox.list_xml import read_list
from batcher.sandbox.materials import AddressList, ListState
from batcher.sandbox.parameters import number_in
from batcher.sandbox.reply import Fields, Reply, refusal
from batcher.sandbox.world import World

_DEFAULT_PAGE = 10


def upload_list(world: World, call: Call) -> Reply:
    """Take a list in; it becomes usable after the delay of the settings."""
    uploaded = read_list(call.body)
    if uploaded is None:
        return refusal("addressList", verdicts.INPUT_INVALID)
    if uploaded.name in world.list_names:
        return refusal("addressList", verdicts.LIST_NAME_TAKEN)
    list_id = world.next_list_id()
    world.record(
        AddressList(
            id=list_id,
            name=uploaded.name or f"List {list_id}",
            mapping_id=uploaded.mapping_id,
            addresses=uploaded.addresses,
            international=uploaded.international,
            created_at=call.now,
        )
    )
    return _state_reply(world, call, 201, list_id)


def show_list_status(world: World, call: Call) -> Reply:
    """How far the remote is with a list; 3 means a job can use it."""
    return _state_reply(world, call, 200, call.ids[0])


def list_lists(world: World, call: Call) -> Reply:
    """What was uploaded, the newest first; ``searchkey`` is a part of the name."""
    key = call.parameters.get("searchkey", "").lower()
    found = [each for each in reversed(world.address_lists.values()) if key in each.name.lower()]
    offset = number_in(call.parameters, "offset")
    size = number_in(call.parameters, "numberOfLists", otherwise=_DEFAULT_PAGE)
    entries: list[Fields] = [
        (
            ("id", each.id),
            ("name", each.name),
            ("statistics", (("total", each.addresses),)),
            ("lastUpdated", timestamp(each.created_at)),
        )
        for each in islice(found, offset, offset + size)
    ]
    return Reply(200, "addressLists", (("count", len(found)), ("lists", (("list", entries),))))


def show_list_info(world: World, call: Call) -> Reply:
    """About one list; without the addresses, which are not kept."""
    known = world.address_lists.get(number_in(call.parameters, "baseAddressListId"))
    if known is None:
        return refusal("addressList", verdicts.INPUT_INVALID)
    return Reply(
        200,
        "addressList",
        (
            ("id", known.id),
            ("status", 0),
            ("description", "Success"),
            ("name", known.name),
            ("count", known.addresses),
        ),
    )


def _state_reply(world: World, call: Call, http: int, list_id: int) -> Reply:
    state: ListState | None = world.state_of_list(list_id, call.now)
    if state is None:
        return refusal("addressList", verdicts.INPUT_INVALID)
    return Reply(
        http,
        "addressList",
        (
            ("id", list_id),
            ("status", int(state)),
            ("description", state.description),
        ),
    )
