"""The commands that hand on to other programs of this project, with all their options."""

import sys

import typer


def serve(ctx: typer.Context) -> None:
    """Run the server until Ctrl-C or SIGTERM; all options are those of api_server.py."""
    from app.server import main

    _explain(ctx)
    raise typer.Exit(main(ctx.args, ctx.command_path))


def data(ctx: typer.Context) -> None:
    """Download CDC's current release; all options are those of app.download."""
    from app.download.__main__ import main

    _explain(ctx)
    raise typer.Exit(main(ctx.args))


def _explain(ctx: typer.Context) -> None:
    """Print what the help of the other program does not say, where help is asked for."""
    if {"--help", "-h"} & set(ctx.args):
        print(f"{ctx.command.help}\n\n{ctx.command.epilog}\n")
        sys.stdout.flush()
