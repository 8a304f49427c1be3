"""
Help as it reads best: paragraphs that flow to the terminal's width, and no types where a flag takes no value.

Typer keeps the line breaks of a docstring, writes ``<bool>`` behind every switch, and ``{MANIFEST}`` for MANIFEST.
"""

from __future__ import annotations

import inspect
from typing import Any

from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException


class TidyCommand(TyperCommand):
    """A command whose help is tidied up."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.help = _flowing(self.help)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except TyperException as error:
            # Not every error knows which command it is about.
            if getattr(error, "ctx", ctx) is None:
                error.ctx = ctx  # type: ignore[attr-defined] # what typer's own errors have
            raise

    def get_params(self, ctx: Any) -> list[Any]:
        return _without_types(super().get_params(ctx))

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]


class TidyGroup(TyperGroup):
    """A group of commands whose help is tidied up."""

    def get_params(self, ctx: Any) -> list[Any]:
        return _without_types(super().get_params(ctx))


class ListingGroup(TidyGroup):
    """A group whose command ``list`` may be left out: what begins with no other command's name is meant for it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        names_command = bool(args) and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if names_command else ["list", *args])


def _flowing(text: str | None) -> str:
    """Every paragraph on one line; lines of examples, which begin with blanks, are kept."""
    paragraphs = inspect.cleandoc(text or "").split("\n\n")
    return "\n\n".join(p if p.startswith(" ") else " ".join(p.split()) for p in paragraphs)


def _without_types(params: list[Any]) -> list[Any]:
    for param in params:
        if getattr(param, "is_flag", False):
            param.metavar = ""
        elif param.param_type_name == "argument":
            param.display_type_rich = lambda ctx: None
    return params
