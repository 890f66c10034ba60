"""The command `trace`: what the server did, for Perfetto."""

from typing import Annotated

import typer

from app.cli.options import Call, command, option

_SECONDS = 5.0
_MOST_SECONDS = 30.0


@command(with_csv=False)
def trace(
    call: Call,
    job: Annotated[
        str | None, option("JOB", "Tell of this job alone, job_id_7 or 7; at once.")
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option(
            "--seconds",
            metavar="N",
            min=0.0,
            max=_MOST_SECONDS,
            help=f"Record for so long first, {_SECONDS:g} unless told otherwise; 0 takes what is"
            " there.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Print what the server does, as JSON that Perfetto and chrome://tracing open.

    There is a lane for each runner, the event loop, the journal and the log.
    """
    if seconds is None:
        seconds = 0.0 if job else _SECONDS
    with call.client() as stats:
        call.out.json(stats.trace(job, seconds=seconds))
