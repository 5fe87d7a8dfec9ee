"""The command line: commands, exit statuses, and one line for every error.

Exit status 0: done; 1: a run failed (what was computed is kept); 2: bad input; 130: stopped by the user.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer
from typer.exceptions import TyperException

from ionstone.cli import (
    commands_car,
    commands_compare,
    commands_eis,
    commands_export,
    commands_library,
    commands_pack,
    commands_run,
    commands_validate,
    commands_verify,
)
from ionstone.cli.console import error_line
from ionstone.core.errors import InputError, SimulationError, one_line

DONE, FAILED, BAD_INPUT, STOPPED = 0, 1, 2, 130

app = typer.Typer(
    name="ionstone",
    help="From battery material to kilometre: what a cell does for a car.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        from ionstone import __version__

        typer.echo(f"ionstone {__version__}")
        raise typer.Exit


@app.callback()
def ionstone(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """From battery material to kilometre: what a cell does for a car."""
    del version, debug


app.command("compare")(commands_compare.compare)
app.command("run")(commands_run.run)
app.command("eis")(commands_eis.eis)
app.command("pack")(commands_pack.pack)
app.command("drive")(commands_car.drive)
app.command("charge")(commands_car.charge)
app.command("cells")(commands_library.cells)
app.command("materials")(commands_library.materials)
app.command("vehicles")(commands_library.vehicles)
app.command("cycles")(commands_library.cycles)
app.command("show")(commands_library.show)
app.command("init")(commands_library.init)
app.command("export")(commands_export.export)
app.command("verify")(commands_verify.verify)
app.command("validate")(commands_validate.validate)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit with its status."""
    sys.exit(status(list(sys.argv[1:] if arguments is None else arguments)))


def status(arguments: list[str]) -> int:
    """Run one command (none: the help); return its exit status. ``--debug``, anywhere, lets exceptions
    through."""
    debug = "--debug" in arguments
    arguments = [argument for argument in arguments if argument != "--debug"] or ["--help"]
    try:
        code = app(args=arguments, prog_name="ionstone", standalone_mode=False)
        sys.stdout.flush()
        if code == STOPPED:
            error_line("stopped by the user", prefix="")
        return int(code or DONE)
    except TyperException as error:
        return _usage(error)
    except (KeyboardInterrupt, typer.Abort):
        error_line("stopped by the user", prefix="")
        return STOPPED
    except (BrokenPipeError, SystemExit):  # typer makes a SystemExit of a broken pipe
        _close_output()
        return DONE
    except (InputError, SimulationError) as error:
        if debug:
            raise
        error_line(str(error))
        return BAD_INPUT if isinstance(error, InputError) else FAILED
    except Exception as error:
        if debug:
            raise
        text = one_line(str(error), 300)
        error_line(f"unexpected {type(error).__name__}: {text} (a fault in ionstone; --debug shows where)")
        return FAILED


def _usage(error: TyperException) -> int:
    error_line(f"{one_line(error.format_message())} (see ionstone --help)")
    return error.exit_code


def _close_output() -> None:
    """Point stdout at nothing, so that closing it at exit does not fail again (``ionstone cells | head
    -1``)."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
