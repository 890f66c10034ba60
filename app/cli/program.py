"""The program: its commands, each with examples, and how it begins and ends."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, NoReturn

import typer
from typer._click.exceptions import ClickException, NoArgsIsHelpError
from typer.core import TyperGroup

from app.cli import batch, discover, grade, job_list, jobs, passthrough, shutdown, trace
from app.cli.ask import ask_command, ask_group, example
from app.cli.exit_codes import CLOSED, PROGRAM, SHORT, STOPPED, WRONG, end_of
from app.cli.output import say
from app.statistics.registry import STATISTICS, Registry
from app.version import VERSION

_COMPLETE = "_STATS_COMPLETE"
# What people call the option that names the server, by other programs' habit.
_OF_THE_SERVER = frozenset({"--server", "--host", "--address", "--base-url"})
_GIVEN = "app.cli.given"  # among what Typer keeps for a program: the arguments


@dataclass(frozen=True, slots=True)
class Entry:
    """A command: its name, what it does, the panel of the help that it is in, its examples."""

    name: str
    function: Callable[..., None]
    panel: str
    examples: tuple[str, ...]
    hands_on: bool = False


COMMANDS = (
    Entry("batch", batch.batch, "Ask", ("batch questions.ndjson", "batch - < questions.ndjson")),
    Entry("datasets", discover.datasets, "What there is to ask", ("datasets",)),
    Entry(
        "questions",
        discover.questions,
        "What there is to ask",
        ("questions", "questions --dataset course"),
    ),
    Entry("states", discover.states, "What there is to ask", ("states --csv",)),
    Entry("categories", discover.categories, "What there is to ask", ("categories",)),
    Entry("dataset", discover.dataset, "What there is to ask", ("dataset", "dataset course")),
    Entry("jobs", job_list.jobs, "Jobs", ("jobs --status done --limit 5", "jobs --watch")),
    Entry("job", jobs.job, "Jobs", ("job 1", "job 1 --rows --csv")),
    Entry("result", jobs.result, "Jobs", ("result 1", "result 1 --output map.svg --chart map")),
    Entry("cancel", jobs.cancel, "Jobs", ("cancel 7",)),
    Entry("trace", trace.trace, "Jobs", ("trace --job 1", "trace --seconds 1 > out.json")),
    Entry("serve", passthrough.serve, "The server", ("serve --port 8080",), hands_on=True),
    Entry(
        "worker",
        passthrough.worker,
        "The server",
        ("worker --redis redis://127.0.0.1:6379/0",),
        hands_on=True,
    ),
    Entry(
        "mcp", passthrough.mcp, "Ask", ("mcp", "mcp --url https://stats.example.org"), hands_on=True
    ),
    Entry(
        "prepare",
        passthrough.prepare,
        "The server",
        ("prepare --data 'releases/*.parquet' --to prepared",),
        hands_on=True,
    ),
    Entry("data", passthrough.data, "The server", ("data --to cdc.csv",), hands_on=True),
    Entry("reload", discover.reload, "The server", ("reload", "reload --dataset course")),
    Entry("health", discover.health, "The server", ("health",)),
    Entry(
        "grade",
        grade.grade,
        "The server",
        ('grade --start "python api_server.py" --cwd solution --report grade.html',),
    ),
    Entry("shutdown", shutdown.shutdown, "The server", ("shutdown --yes",)),
)


class Program(TyperGroup):
    """All commands; every error ends in one sentence on standard error, and an exit code."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> NoReturn:
        """Run a command and exit."""
        given = list(sys.argv[1:] if args is None else args)
        # Whoever starts the program may have closed them.
        sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
        sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
        sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: SIM115
        try:
            code = super().main(
                given, _program(given), _COMPLETE, False, windows_expand_args, **extra
            )
            sys.stdout.flush()
        except (BrokenPipeError, SystemExit) as end:
            # Typer, and what prints its help, end with 1 when who read it has gone.
            cause = end.__context__ if isinstance(end, SystemExit) else end
            if not isinstance(cause, BrokenPipeError):
                raise
            _discard_output()
            code = CLOSED
        except OSError as error:  # of the help, say: a command's own errors end in `invoke`
            say(f"{error.strerror or error}.")
            _discard_output()
            code = WRONG
        except NoArgsIsHelpError:  # whose help was printed
            code = WRONG
        except ClickException as error:
            context = getattr(error, "ctx", None)
            path = context.command_path if context else PROGRAM
            message = error.format_message()
            if getattr(error, "option_name", None) in _OF_THE_SERVER:
                # What looks alike is no help.
                message = f"No such option: {error.option_name}. The server is named by --url"  # type: ignore[attr-defined]
            say(f"{message}{'' if message[-1:] in '.?!' else '.'} See `{path} --help`.")
            code = WRONG
        except typer.Abort:
            code = STOPPED
        sys.exit(code if isinstance(code, int) else 0)

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Note what was given: who takes it apart uses it up."""
        ctx.meta[_GIVEN] = tuple(args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """Run a command; raise Exit with the code that its error ends with."""
        try:
            returned = super().invoke(ctx)
            sys.stdout.flush()
            return returned
        except BrokenPipeError:  # which Typer would end with 1
            _discard_output()
            raise typer.Exit(CLOSED) from None
        except (ClickException, typer.Exit, typer.Abort):
            raise
        except Exception as error:
            end = end_of(error, ctx.meta[_GIVEN], ctx.command_path)
            if end is None:
                raise
            code, lines = end
            for line in lines:
                say(line)
            raise typer.Exit(code) from None


def _discard_output() -> None:
    """Have what is still in the buffer go nowhere, and not to a second error at the exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _program(given: Sequence[str]) -> str:
    """Return the name that people know the program by, or what a shell completes for."""
    completes = {"--install-completion", "--show-completion"} & set(given)
    return SHORT if completes or _COMPLETE in os.environ else PROGRAM


def _version(wanted: bool) -> None:
    if wanted:
        print(f"Le Stats Sportif {VERSION}")
        raise typer.Exit


def _options(
    _version_wanted: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Le Stats Sportif, an asynchronous statistics server, from a shell.

    Tables to people, JSON to pipes (or --csv). STATS_URL and STATS_TOKEN say which server.
    """


def build(statistics: Registry = STATISTICS) -> typer.Typer:
    """Return the program, which asks these statistics."""
    program = typer.Typer(
        cls=Program,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["--help", "-h"], "obj": statistics},
    )
    program.callback()(_options)
    program.add_typer(ask_group(), name="ask", rich_help_panel="Ask")
    if "query" in statistics:  # so often asked that it is a command of its own, too
        query = statistics["query"]
        program.command("query", epilog=example(query), rich_help_panel="Ask")(ask_command(query))
    for entry in COMMANDS:
        word = "Examples" if len(entry.examples) > 1 else "Example"
        lines = [f"{word}:", *(f"  {PROGRAM} {example}" for example in entry.examples)]
        hands_on = {"allow_extra_args": True, "ignore_unknown_options": True}
        program.command(
            entry.name,
            epilog="\n".join(lines),
            rich_help_panel=entry.panel,
            context_settings=hands_on if entry.hands_on else None,
            add_help_option=not entry.hands_on,
        )(entry.function)
    return program


def main(statistics: Registry = STATISTICS) -> None:
    """Run the program, which asks these statistics."""
    build(statistics)()
