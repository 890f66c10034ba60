"""The commands that ask: `ask STATISTIC`, made from what each statistic is asked."""

import inspect
from collections.abc import Callable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from app.cli.answer_table import print_answer
from app.cli.exit_codes import PROGRAM, Refused, unknown_name
from app.cli.options import Call, command
from app.cli.parameters import body_of, example_of, one_by_one, options_of
from app.cli.question_names import Questions
from app.statistics.registry import Registry
from app.statistics.statistic import Statistic

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typer._click.core import Command, Context

    from app.client.errors import BadQuestion


class _Group(TyperGroup):
    """The statistics; a name that is not known is refused with the nearest.

    A command is made when somebody wants it: all of them together are half of what is made of the
    program as it starts.
    """

    def list_commands(self, ctx: "Context") -> list[str]:
        """Return the names of the statistics."""
        return list(_statistics(ctx))

    def get_command(self, ctx: "Context", cmd_name: str) -> "Command | None":
        """Return the command of a statistic; None where there is no such statistic."""
        statistic = _statistics(ctx).get(cmd_name)
        if statistic is not None and cmd_name not in self.commands:
            self.add_command(_command_of(statistic), cmd_name)
        return super().get_command(ctx, cmd_name)

    def resolve_command(
        self, ctx: "Context", args: list[str]
    ) -> "tuple[str | None, Command | None, list[str]]":
        """Return the command of a statistic."""
        known = self.list_commands(ctx)
        if args and args[0] not in known and not args[0].startswith("-"):
            near = get_close_matches(args[0], known)
            hint = "" if near else f"; known: {', '.join(known)}"
            raise Refused(f'unknown statistic "{args[0]}"{hint}', [(name, name) for name in near])
        return super().resolve_command(ctx, args)


def ask_group() -> typer.Typer:
    """Return the command `ask`, with a command for each statistic that the program asks."""
    return typer.Typer(
        cls=_Group, no_args_is_help=True, help="Ask a statistic, wait, and print its answer."
    )


def _statistics(ctx: "Context") -> Registry:
    statistics: Registry = ctx.find_root().obj
    return statistics


def _command_of(statistic: Statistic[Any]) -> "Command":
    alone = typer.Typer(add_completion=False, rich_markup_mode="rich")
    alone.command(statistic.name, epilog=example(statistic))(ask_command(statistic))
    return get_command(alone)


def example(statistic: Statistic[Any]) -> str:
    """Return the example of a statistic, as its help shows it."""
    return f"Example:\n  {PROGRAM} ask {example_of(statistic)}"


def ask_command(statistic: Statistic[Any]) -> Callable[..., None]:
    """Return the function of the command that asks a statistic."""

    def run(call: Call, **given: Any) -> None:
        from app.client.errors import BadQuestion

        body = body_of(statistic, given)
        try:
            _ask(call, statistic, body)
        except BadQuestion as error:
            _explain_commas(error, statistic, given)
            raise

    call = inspect.Parameter("call", inspect.Parameter.POSITIONAL_ONLY, annotation=Call)
    parameters = [call, *(one.parameter() for one in options_of(statistic))]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__doc__ = f"{statistic.summary}."
    return command()(run)


def _explain_commas(
    error: "BadQuestion", statistic: Statistic[Any], given: "Mapping[str, Any]"
) -> None:
    """Have the error for `--state OH,TX` say how several are given."""
    unknown = unknown_name(error.reason)
    meant = one_by_one(statistic, given, unknown)
    if meant and not any("," in name for name in error.nearest):
        error.reason = f'{error.reason.partition(unknown)[0]}{unknown}"; several are {meant}'
        error.nearest = ()


def _ask(call: Call, statistic: Statistic[Any], body: "Mapping[str, Any]") -> None:
    with call.client() as stats:
        known = Questions(stats)
        job = stats.submit(statistic.name, **known.in_body(statistic.name, body))
        print_answer(call, stats, job, known)
