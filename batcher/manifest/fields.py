"""
The fields a row may have: the parameters that ``POST /jobs`` takes, spelled as the remote spells them.

Mind ``rtnaddress1``: lower-case "a" when a job is created. Source: API reference, "Create a job", parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import Final


class Kind(Enum):
    """What a value of the field looks like."""

    TEXT = auto()
    DATE = auto()
    """A calendar date, ``YYYYMMDD``."""
    NUMBER = auto()
    """ASCII digits, and nothing else. Stays text: zeros in front are kept."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Field:
    """
    One parameter of a job.

    ``may_be_empty`` means that the field is required by name but not by value. A ``personal`` value is never quoted in
    a message: it is somebody's name or address.
    """

    name: str
    kind: Kind
    required: bool = False
    may_be_empty: bool = False
    personal: bool = False


def _required(*names: str, kind: Kind = Kind.TEXT, may_be_empty: bool = False) -> list[Field]:
    return [Field(name=name, kind=kind, required=True, may_be_empty=may_be_empty) for name in names]


def _optional(*names: str, kind: Kind = Kind.TEXT, personal: bool = False) -> list[Field]:
    return [Field(name=name, kind=kind, personal=personal) for name in names]


FIELDS: Final = MappingProxyType(
    {
        field.name: field
        for field in (
            *_required("documentClass", "layout", "productionTime"),
            *_required("envelope", may_be_empty=True),
            *_required("color", "paperType", "printOption"),
            *_required("documentId", "addressId", kind=Kind.NUMBER),
            *_optional("jobDocumentId", "jobAddressId", kind=Kind.NUMBER),
            *_optional("rtnName", "rtnOrganization", "rtnaddress1", "rtnaddress2", personal=True),
            *_optional("rtnCity", "rtnState", "rtnZip", personal=True),
            *_optional("returnAddressId", "businessReplyAddressId", "courtesyReplyAddressId", kind=Kind.NUMBER),
            *_optional("endorsement", "mailClass"),
            *_optional("projectId", kind=Kind.NUMBER),
            *_optional("mailingDate", kind=Kind.DATE),
            *_optional("quantity", kind=Kind.NUMBER),
            *_optional("enclosure", "appSignature"),
        )
    }
)
"""Every field by its name, the nine required ones first."""

REQUIRED: Final = tuple(name for name, field in FIELDS.items() if field.required)

SIGNATURE: Final = "appSignature"
"""The field by which the ledger finds a row's job again; a manifest has it only where that is asked for."""

BATCHER_KEY: Final = "batcher_key"
BATCHER_REASON: Final = "batcher_reason"
FAILED_FILE_COLUMNS: Final = frozenset({BATCHER_KEY, BATCHER_REASON})
"""What a failed file has beside the manifest's own columns; known in every manifest, never sent."""
