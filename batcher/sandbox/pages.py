"""Pages of HTML that come from the web server or the edge in front of the API, not from the API."""

from __future__ import annotations

from http import HTTPStatus

from batcher.sandbox.reply import Page

# 524 is the edge's own number for "the origin did not answer in time" (vendor's API questions and answers).
_EDGE_TITLES = {524: "A timeout occurred"}


def edge_page(http: int, *headers: tuple[str, str]) -> Page:
    """An error page, which says nothing about what became of the call."""
    title = _EDGE_TITLES.get(http) or HTTPStatus(http).phrase
    text = (
        f"<!DOCTYPE html>\n<html><head><title>{http}: {title}</title></head>"
        f"<body><h1>{title}</h1><p>Error {http}</p><hr></body></html>\n"
    )
    return Page(http, text.encode(), headers=headers)


def not_found_page() -> Page:
    """No such address."""
    return edge_page(404)


def unauthorized_page() -> Page:
    """No or wrong credentials: a page even where XML was asked for, as the vendor's clients found."""
    return edge_page(401, ("WWW-Authenticate", 'Basic realm="sandbox"'))
