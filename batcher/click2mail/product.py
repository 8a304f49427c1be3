"""
What the remote says of products: the combinations of a class, and whether one of them can be made.

Both calls are known from clients and from the reference's table of parameters only, so what is not understood is no
news. The list names ``printColor`` what a job calls ``color``.
"""

from __future__ import annotations

from typing import Final

from batcher.core.material import ProductOptions
from batcher.core.outcome import Reply
from batcher.core.product import OPTION_FIELDS, Combination

from .document import Document, children, read_document, texts, whole_number
from .material import GOOD, verdict
from .page import Page

_OTHER_NAMES: Final = {"color": ("printColor", "color")}


def read_product_options(page: Page, document_class: str | None) -> ProductOptions | Reply:
    """The combinations of ``productOptions/product/option[]``; those that name no class are of the one asked for."""
    document = read_document(page.body, "productOptions") if page.http_status in GOOD else None
    if document is None or not _is_listing(document):
        return verdict(page, "productOptions")
    products = children(document, "product")
    entries = [entry for parent in (document, *products) for entry in children(parent, "option")]
    return ProductOptions(combinations=tuple(dict.fromkeys(_combination(entry, document_class) for entry in entries)))


def read_estimate(page: Page) -> Reply:
    """The remote's verdict: code 0 where the options name a product."""
    return verdict(page, "costEstimate")


def _is_listing(document: Document) -> bool:
    if any(whole_number(status) != 0 for status in texts(document, "status")):
        return False
    return not isinstance(document, dict) or "product" in document or "option" in document


def _combination(entry: Document, document_class: str | None) -> Combination:
    named = {field: _text(entry, field) for field in OPTION_FIELDS}
    return Combination.of({**named, "documentClass": named["documentClass"] or document_class})


def _text(entry: Document, field: str) -> str | None:
    """None where the entry says nothing of the field; an empty text is a value: no envelope."""
    said = [text for name in _OTHER_NAMES.get(field, (field,)) for text in texts(entry, name)]
    return said[0] if len(said) == 1 else None
