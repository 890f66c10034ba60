"""What all commands have in common: which server is asked, how long, and in which form."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer._click.globals import get_current_context

from app.cli.exit_codes import Refused
from app.cli.output import Output, form_of
from app.statistics.registry import Registry

if TYPE_CHECKING:
    from app.client.client import StatsClient

DEFAULT_URL = "http://127.0.0.1:5000"
# A person at a terminal would rather know soon.
_RETRIES = 2

_PANEL = "The server"
_OPTIONS: dict[str, tuple[Any, Any]] = {
    "url": (
        Annotated[
            str,
            typer.Option(
                metavar="URL",
                envvar="STATS_URL",
                help="Address of the server.",
                rich_help_panel=_PANEL,
            ),
        ],
        DEFAULT_URL,
    ),
    "token": (
        Annotated[
            str,
            typer.Option(
                metavar="TOKEN",
                envvar="STATS_TOKEN",
                help="Its token, where it has one.",
                rich_help_panel=_PANEL,
                show_default=False,
            ),
        ],
        "",
    ),
    "timeout": (
        Annotated[
            float,
            typer.Option(
                min=0, metavar="SECONDS", help="How long to wait.", rich_help_panel=_PANEL
            ),
        ],
        60.0,
    ),
    "table": (
        Annotated[bool, typer.Option("--table", metavar="", help="Print a table, also to a pipe.")],
        False,
    ),
    "as_json": (
        Annotated[
            bool, typer.Option("--json", metavar="", help="Print JSON, as to a pipe by default.")
        ],
        False,
    ),
    "as_csv": (Annotated[bool, typer.Option("--csv", metavar="", help="Print CSV.")], False),
}


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a command: the server, the seconds to wait, and the output."""

    url: str
    token: str
    timeout: float
    out: Output
    statistics: Registry

    def client(self) -> "StatsClient":
        """Return a client of the server, to be closed in the end."""
        from app.client.client import StatsClient

        try:
            return StatsClient(
                self.url,
                token=self.token,
                timeout=self.timeout,
                retries=_RETRIES,
                statistics=self.statistics,
            )
        except ValueError as error:
            raise Refused(str(error)) from None

    def without_waiting(self) -> "Call":
        """Return the call as one that only looks."""
        return replace(self, timeout=0.0)


def option(metavar: str, text: str, complete: Callable[..., Any] | None = None, **more: Any) -> Any:
    """Return an option whose help tells no default; `complete` gives what shells offer for it."""
    return typer.Option(
        metavar=metavar, help=text, autocompletion=complete, show_default=False, **more
    )


def command(
    *, with_csv: bool = True, with_timeout: bool = True
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a function whose first parameter is a Call the options that a Call is made of."""
    has = {"as_csv": with_csv, "timeout": with_timeout}
    options = {name: one for name, one in _OPTIONS.items() if has.get(name, True)}

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        def run(**given: Any) -> None:
            common = {name: given.pop(name, default) for name, (_, default) in _OPTIONS.items()}
            form = form_of(
                table=common["table"], as_json=common["as_json"], as_csv=common["as_csv"]
            )
            statistics = get_current_context().find_root().obj
            call = Call(common["url"], common["token"], common["timeout"], Output(form), statistics)
            function(call, **given)

        _, *own = inspect.signature(function, eval_str=True).parameters.values()
        kind = inspect.Parameter.KEYWORD_ONLY
        added = [
            inspect.Parameter(name, kind, default=default, annotation=annotation)
            for name, (annotation, default) in options.items()
        ]
        parameters = [*(one.replace(kind=kind) for one in own), *added]
        # Typer reads a command's options off these.
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {one.name: one.annotation for one in parameters}
        run.__doc__, run.__name__ = function.__doc__, function.__name__
        return run

    return decorate
