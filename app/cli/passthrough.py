"""The commands that hand on to other programs of this project, with all their options."""

import sys
from importlib.util import find_spec

import typer

from app.cli.exit_codes import Refused
from app.installation import NAME


def serve(ctx: typer.Context) -> None:
    """Run the server until Ctrl-C or SIGTERM; all options are those of api_server.py."""
    from app.server import main

    _explain(ctx)
    raise typer.Exit(main(ctx.args, ctx.command_path))


def worker(ctx: typer.Context) -> None:
    """Run a worker of `serve --executor celery`; all options are those of app.cluster.worker."""
    _need("celery", "cluster")
    from app.cluster.worker import main

    _explain(ctx)
    raise typer.Exit(main(ctx.args, program=ctx.command_path))


def mcp(ctx: typer.Context) -> None:
    """Answer an assistant, by the Model Context Protocol over stdin and stdout."""
    _need("mcp", "mcp")
    from app.mcp.program import main

    _explain(ctx)
    raise typer.Exit(main(ctx.args, ctx.command_path))


def data(ctx: typer.Context) -> None:
    """Download CDC's current release; all options are those of app.download."""
    from app.download.__main__ import main

    _explain(ctx)
    raise typer.Exit(main(ctx.args, program=ctx.command_path))


def prepare(ctx: typer.Context) -> None:
    """Prepare a large dataset for servers; all options are those of app.prepare."""
    from app.prepare.__main__ import main

    _explain(ctx)
    raise typer.Exit(main(ctx.args, program=ctx.command_path))


def _need(module: str, extra: str) -> None:
    """Raise Refused where the libraries of an extra are not installed."""
    if find_spec(module) is None:
        raise Refused(
            f'This needs more libraries: install "{NAME}[{extra}] @ git+ADDRESS", or, in a clone,'
            f' ".[{extra}]" (docs/how-to/install.md).'
        )


def _explain(ctx: typer.Context) -> None:
    """Print what the help of the other program does not say, where help is asked for."""
    if {"--help", "-h"} & set(ctx.args):
        print(f"{ctx.command.help}\n\n{ctx.command.epilog}\n")
        sys.stdout.flush()
