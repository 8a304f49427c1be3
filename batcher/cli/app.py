"""The commands together, and what an error looks like: one line on stderr, and an exit code."""

from __future__ import annotations

import os
import sys
from typing import Annotated, NoReturn

import typer
from typer.exceptions import Abort, TyperException

from batcher import __version__
from batcher.core.errors import BatcherError, Exit

from . import (
    config,
    doctor,
    ledger,
    products,
    reconcile,
    resolve,
    results,
    retry,
    run,
    sandbox,
    status,
    submit,
    undo,
    validate,
)
from .help import TidyGroup
from .streams import close_error, leave_out, open_standard_streams, write_error
from .usage import usage_words

app = typer.Typer(
    name="batcher",
    cls=TidyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Creates print-mail jobs at Click2Mail from a manifest: no job twice, no row lost.",
)
for command in (run, validate, status, results, retry, reconcile, resolve, submit, undo, doctor, sandbox):
    command.register(app)
app.add_typer(products.app, name="products")
app.add_typer(ledger.app, name="ledger")
app.add_typer(config.app, name="config")


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"batcher {__version__}")  # noqa: T201 - stdout is the command's result
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    del version


def run_command_line() -> NoReturn:
    """Runs the command that the arguments name, and ends the process with its exit code."""
    open_standard_streams()
    try:
        code = app(standalone_mode=False, prog_name="batcher") or Exit.OK
        sys.stdout.flush()
    except TyperException as error:
        code = _usage(error)
    except BatcherError as error:
        code = _say(str(error), error.exit_code)
    except SystemExit as end:
        # Typer's own way to end when whoever read our output has gone, as `| head` does: nothing is wrong with that.
        if not isinstance(end.__context__, BrokenPipeError):
            raise
        code = Exit.OK
        leave_out()
    except BrokenPipeError:
        code = Exit.OK
        leave_out()
    except (KeyboardInterrupt, Abort):
        code = Exit.SIGINT
    except Exception as error:  # noqa: BLE001 - the outermost frame: a bug of ours must not look like a result
        code = _bug(error)
    close_error()
    sys.exit(int(code))


def _usage(error: TyperException) -> Exit:
    words = usage_words(error)
    return _say(words, Exit.USAGE) if words else Exit.USAGE


def _say(message: str, code: Exit) -> Exit:
    write_error(f"error: {message}")
    return code


def _bug(error: Exception) -> Exit:
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = "" if frame is None else f" at {os.path.basename(frame.tb_frame.f_code.co_filename)}:{frame.tb_lineno}"  # noqa: PTH119
    return _say(
        f"a bug in batcher, {type(error).__name__}{place}: {error}; the ledger is whole, please report this line",
        Exit.BUG,
    )
