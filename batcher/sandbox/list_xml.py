"""
The XML an address list is uploaded as (API reference, upload an address list).

The body decides, not its content type: the vendor's own JavaScript client forgets to send one.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError  # names only; defusedxml parses

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from batcher.sandbox.parameters import is_number

# The two mappings every account has; others are an account's own and may have any fields.
_STANDARD_MAPPINGS = (1, 2)
# The country in either mapping; empty for an address at home.
_COUNTRY = ("country", "country_non-us")
_HOME = ("", "us", "usa", "united states", "united states of america")


@dataclass(frozen=True, slots=True)
class UploadedList:
    """What the XML of an upload says."""

    name: str
    mapping_id: int
    addresses: int
    international: int = 0


def read_list(body: bytes) -> UploadedList | None:
    """
    The list in the body of an upload, or None when it is not one.

    The case of tags is ignored, as the vendor's own clients spell them differently.
    """
    try:
        root: Element = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    top = {_tag(child): child for child in root}
    mapping = (top["addressmappingid"].text or "").strip() if "addressmappingid" in top else ""
    addresses = [child for child in top.get("addresses", ()) if _tag(child) == "address"]
    if _tag(root) != "addresslist" or not is_number(mapping) or not addresses:
        return None
    if int(mapping) in _STANDARD_MAPPINGS and not all(_has_street(address) for address in addresses):
        return None
    name = (top["addresslistname"].text or "").strip() if "addresslistname" in top else ""
    return UploadedList(name, int(mapping), len(addresses), sum(map(_is_abroad, addresses)))


def _has_street(address: Element) -> bool:
    return any(_tag(child) == "address1" and (child.text or "").strip() for child in address)


def _is_abroad(address: Element) -> bool:
    return any(_tag(child) in _COUNTRY and (child.text or "").strip().lower() not in _HOME for child in address)


def _tag(element: Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()
