"""The calls the emulator knows, and how a request line names one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

BASE_PATH = "molpro"
_ID = "{id}"


class Endpoint(StrEnum):
    """One call of the API, by the name a fault plan and the statistics use."""

    CREATE = "create"
    JOBS = "jobs"
    STATUS = "status"
    INFO = "info"
    COST = "cost"
    SUBMIT = "submit"
    DELETE = "delete"
    UPDATE = "update"
    CANCEL = "cancel"
    PROOF = "proof"
    PROOF_FILE = "proof_file"
    LOOKUP = "lookup"
    CREDIT = "credit"
    PURCHASE = "purchase"
    AUTHORIZE = "authorize"
    DOCUMENTS = "documents"
    DOCUMENT_UPLOAD = "document_upload"
    LISTS = "lists"
    LIST_STATUS = "list_status"
    LIST_INFO = "list_info"
    LIST_UPLOAD = "list_upload"
    PRODUCT_OPTIONS = "product_options"
    COST_ESTIMATE = "cost_estimate"


@dataclass(frozen=True, slots=True)
class Target:
    """
    What a request line asks for.

    Attributes:
        ids: The numbers in the path, from left to right.
    """

    endpoint: Endpoint
    ids: tuple[int, ...]


_TABLE: dict[tuple[str, ...], dict[str, Endpoint]] = {
    ("jobs",): {"POST": Endpoint.CREATE, "GET": Endpoint.JOBS},
    ("jobs", _ID): {"GET": Endpoint.STATUS},
    ("jobs", "info", _ID): {"GET": Endpoint.INFO},
    ("jobs", _ID, "cost"): {"GET": Endpoint.COST},
    ("jobs", _ID, "submit"): {"POST": Endpoint.SUBMIT},
    ("jobs", _ID, "delete"): {"POST": Endpoint.DELETE},
    ("jobs", _ID, "update"): {"POST": Endpoint.UPDATE},
    ("jobs", _ID, "cancel"): {"POST": Endpoint.CANCEL},
    ("jobs", _ID, "proof"): {"POST": Endpoint.PROOF},
    ("jobs", _ID, "proof", _ID, _ID): {"GET": Endpoint.PROOF_FILE},
    ("jobs", "appSignature"): {"GET": Endpoint.LOOKUP},
    ("jobs", "appSignature2"): {"GET": Endpoint.LOOKUP},
    ("credit",): {"GET": Endpoint.CREDIT},
    ("credit", "purchase"): {"POST": Endpoint.PURCHASE},
    ("account", "authorize"): {"POST": Endpoint.AUTHORIZE},
    ("documents",): {"GET": Endpoint.DOCUMENTS, "POST": Endpoint.DOCUMENT_UPLOAD},
    ("addressLists",): {"GET": Endpoint.LISTS, "POST": Endpoint.LIST_UPLOAD},
    ("addressLists", _ID): {"GET": Endpoint.LIST_STATUS},
    ("addressLists", "info"): {"GET": Endpoint.LIST_INFO},
    ("productOptions",): {"GET": Endpoint.PRODUCT_OPTIONS},
    ("costEstimate",): {"GET": Endpoint.COST_ESTIMATE},
}

_ROOTS = {
    Endpoint.CREDIT: "credit",
    Endpoint.PURCHASE: "credit",
    Endpoint.AUTHORIZE: "account",
    Endpoint.DOCUMENTS: "documents",
    Endpoint.DOCUMENT_UPLOAD: "document",
    Endpoint.LISTS: "addressLists",
    Endpoint.LIST_STATUS: "addressList",
    Endpoint.LIST_INFO: "addressList",
    Endpoint.LIST_UPLOAD: "addressList",
    Endpoint.PRODUCT_OPTIONS: "productOptions",
    Endpoint.COST_ESTIMATE: "costEstimate",
}


def find_target(method: str, path: str) -> Target | int:
    """
    The call a request line names, or the HTTP status of the page that says there is none.

    Trailing and doubled slashes do not matter: the vendor's own clients send both forms.
    """
    parts = [part for part in path.split("/") if part]
    if not parts or parts[0] != BASE_PATH:
        return 404
    numbers = [part.isascii() and part.isdecimal() for part in parts]
    shape = tuple(_ID if number else part for part, number in zip(parts, numbers, strict=True))[1:]
    methods = _TABLE.get(shape)
    if methods is None:
        return 404
    endpoint = methods.get(method)
    if endpoint is None:
        return 405
    # Cut to a length no id has, so that a path of a million digits costs nothing.
    ids = tuple(int(part[:18]) for part, number in zip(parts, numbers, strict=True) if number)
    return Target(endpoint, ids)


def root_of(endpoint: Endpoint) -> str:
    """The root element its replies have."""
    return _ROOTS.get(endpoint, "job")
