"""
What a job must be like to be made.

The order in which the remote checks is not published. Here what is missing comes first, then what is malformed,
then what does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, timezone
from typing import TypeAlias

from batcher.sandbox import verdicts
from batcher.sandbox.job import REQUIRED_OPTIONS, job_of_document, job_of_list, print_options
from batcher.sandbox.materials import ListState
from batcher.sandbox.parameters import is_number, number_in
from batcher.sandbox.products import is_listed
from batcher.sandbox.verdicts import Verdict
from batcher.sandbox.world import World

Parameters: TypeAlias = Mapping[str, str]

# The vendor's day; summer time moves only the hour before midnight, which no caller should count on.
_VENDOR_TIME = timezone(timedelta(hours=-5))
_FURTHEST_DAYS = 90
_RETURN_ADDRESS = ("rtnaddress1", "rtnaddress2", "rtnCity", "rtnState", "rtnZip")


def find_fault(parameters: Parameters, world: World, now: float) -> Verdict | None:
    """The first thing wrong with a job, or None."""
    for check in _CHECKS:
        verdict = check(parameters, world, now)
        if verdict is not None:
            return verdict
    return None


def find_unknown_product(parameters: Parameters, world: World) -> Verdict | None:
    """
    Whether the options name no product.

    A strict world has the products it lists. Otherwise every combination of real words is taken, as the real
    catalogue differs by account. ``Next Business Day`` is refused because the remote was seen to refuse it although
    support had named it.
    """
    options = print_options(parameters)
    if world.settings.strict and not is_listed(options):
        return verdicts.SKU_NOT_FOUND
    # An empty envelope is right for a product that has none, such as a postcard.
    blank = any(not value.strip() for value in options._replace(envelope="none"))
    if blank or options.production_time.strip().lower() == "next business day":
        return verdicts.SKU_NOT_FOUND
    return None


def names_list(parameters: Parameters) -> bool:
    """Whether the job goes to an address list, rather than to a quantity."""
    return bool(parameters.get("addressId") or parameters.get("jobAddressId"))


def vendor_day(now: float) -> date:
    """The date at the vendor's, which decides what lies ahead."""
    return datetime.fromtimestamp(now, _VENDOR_TIME).date()


def _check_present(parameters: Parameters, _world: World, _now: float) -> Verdict | None:
    # An option must be named; whether it may be empty is a matter of the product.
    named = all(name in parameters for name in REQUIRED_OPTIONS)
    document = parameters.get("documentId") or parameters.get("jobDocumentId")
    # Every Door Direct Mail goes to a route instead of a list (API reference, create a job).
    addressed = names_list(parameters) or parameters.get("documentClass", "").startswith("EDDM")
    return None if named and document and addressed else verdicts.PARAMETER_MISSING


def _check_product(parameters: Parameters, world: World, _now: float) -> Verdict | None:
    return find_unknown_product(parameters, world)


def _check_date(parameters: Parameters, _world: World, now: float) -> Verdict | None:
    text = parameters.get("mailingDate", "")
    if not text:
        return None
    try:
        # By hand: strptime takes a month of one digit, the documented form does not.
        day = date(int(text[:4]), int(text[4:6]), int(text[6:])) if is_number(text) and len(text) == 8 else None
    except ValueError:
        day = None
    if day is None:
        return verdicts.DATE_UNREADABLE
    today = vendor_day(now)
    if day <= today:
        return verdicts.DATE_NOT_AHEAD
    return verdicts.DATE_TOO_FAR if day > today + timedelta(days=_FURTHEST_DAYS) else None


def _check_return_address(parameters: Parameters, _world: World, _now: float) -> Verdict | None:
    begun = any(parameters.get(name) for name in _RETURN_ADDRESS)
    named = parameters.get("rtnName") or parameters.get("rtnOrganization")
    return verdicts.RETURN_NAME_REQUIRED if begun and not named else None


def _check_quantity(parameters: Parameters, _world: World, _now: float) -> Verdict | None:
    text = parameters.get("quantity", "")
    if not text:
        return None if names_list(parameters) else verdicts.QUANTITY_REQUIRED
    if not is_number(text):
        return verdicts.QUANTITY_UNREADABLE
    return verdicts.QUANTITY_TOO_SMALL if int(text) < 1 else None


def _check_document(parameters: Parameters, world: World, _now: float) -> Verdict | None:
    if not parameters.get("documentId"):
        known = world.job(job_of_document(number_in(parameters, "jobDocumentId")))
        return None if known else verdicts.JOB_DOCUMENT_NOT_FOUND
    document_id = number_in(parameters, "documentId")
    if not world.has_document(document_id):
        return verdicts.DOCUMENT_NOT_FOUND
    document = world.documents.get(document_id)
    # Case aside: the vendor's Java example uploads for "Postcard 5 X 8" and orders "Postcard 5 x 8".
    if document and document.document_class.lower() != parameters["documentClass"].lower():
        return verdicts.CLASS_MISMATCH
    return None


def _check_list(parameters: Parameters, world: World, now: float) -> Verdict | None:
    if not names_list(parameters):
        return None
    if not parameters.get("addressId"):
        known = world.job(job_of_list(number_in(parameters, "jobAddressId")))
        return None if known else verdicts.JOB_LIST_NOT_FOUND
    state = world.state_of_list(number_in(parameters, "addressId"), now)
    # A list still being processed is refused in the same words; clients meet this most often of all.
    return None if state is ListState.STANDARDIZED else verdicts.LIST_NOT_FOUND


def _check_project(parameters: Parameters, world: World, _now: float) -> Verdict | None:
    if not parameters.get("projectId") or world.has_project(number_in(parameters, "projectId")):
        return None
    return verdicts.PROJECT_NOT_FOUND


_CHECKS: tuple[Callable[[Parameters, World, float], Verdict | None], ...] = (
    _check_present,
    _check_product,
    _check_date,
    _check_return_address,
    _check_quantity,
    _check_document,
    _check_list,
    _check_project,
)
