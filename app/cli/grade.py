"""The command `grade`: looks for races and other faults in a server of the contract."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from app.cli.exit_codes import FAILED, WRONG, Refused
from app.cli.options import Call, command, option
from app.cli.output import say
from app.cli.waiting import progress
from app.messages.message import counted

if TYPE_CHECKING:
    from app.grade.grading import Grading


@command(with_csv=False, with_timeout=False)
def grade(
    call: Call,
    start: Annotated[
        str, option("COMMAND", "What starts the server; it is run without a shell.")
    ] = "",
    cwd: Annotated[
        Path,
        option(
            "FOLDER",
            "Where it is started, and has results/ and webserver.log.",
            exists=True,
            file_okay=False,
        ),
    ] = Path(),
    csv: Annotated[
        Path | None, option("FILE", "The file that it answers from; by default the course's.")
    ] = None,
    results: Annotated[Path | None, option("FOLDER", "Where its results are.")] = None,
    log: Annotated[Path | None, option("FILE", "Its log.")] = None,
    seed: Annotated[int, option("NUMBER", "What chance begins with.")] = 1,
    seconds: Annotated[float, option("SECONDS", "How long each check looks for a race.")] = 6.0,
    check: Annotated[
        list[str] | None, option("NAME", "One check alone; it can be given several times.")
    ] = None,
    fault: Annotated[
        list[str] | None, option("NAME", "What finds one fault alone, by its name in a report.")
    ] = None,
    drain: Annotated[
        bool,
        typer.Option("--drain", metavar="", help="Shut down a server that was not started here."),
    ] = False,
    weights: Annotated[Path | None, option("FILE", "Another table of points.")] = None,
    report: Annotated[
        list[Path] | None, option("FILE", "Write a report: .html, .md or .json; several times.")
    ] = None,
) -> None:
    """Look for races and other faults in any server of the course's contract.

    With --start it is started and stopped as often as needed, with TP_NUM_OF_THREADS set; else the
    server at --url is asked. The exit code is 0 without a finding, 1 with one, 2 where it cannot be
    graded.
    """
    from app.grade.bench import Bench, Places, launcher, temporary_output
    from app.grade.checks import all_checks
    from app.grade.expected import DataError, Expected
    from app.grade.faults import FAULTS
    from app.grade.findings import CannotGradeError
    from app.grade.grading import grade as run
    from app.grade.http_client import Address
    from app.grade.report import FORMS, as_data
    from app.grade.weights import DEFAULT, WeightsError, read_weights
    from app.installation import BUNDLED
    from app.output_files import write_file

    for path in report or ():
        if path.suffix not in FORMS:
            raise Refused(f"{path} is none of {', '.join(FORMS)}")
        is_new = not path.exists()
        path.open("a", encoding="utf-8").close()  # what fails does so now, not in two minutes
        if is_new:
            path.unlink()
    unknown = set(check or ()) - {one.name for one in all_checks()}
    if unknown:
        names = ", ".join(f'"{one.name}"' for one in all_checks())
        raise Refused(f'there is no check "{min(unknown)}"; there are {names}')
    unknown = set(fault or ()) - set(FAULTS)
    if unknown:
        raise Refused(f'there is no fault "{min(unknown)}"')
    ours = bool(start) or cwd != Path()
    places = Places(
        results or (cwd / "results" if ours else None),
        log or (cwd / "webserver.log" if ours else None),
    )
    output = temporary_output()
    try:
        bench = Bench(
            Address(call.url, call.token),
            Expected(csv or BUNDLED / "nutrition_activity_obesity_usa_subset.csv"),
            places,
            launcher(start, cwd, output) if start else None,
            seed=seed,
            seconds=seconds,
            faults=fault or (),
            output=output,
        )
        if not start and not bench.address.answers():
            raise CannotGradeError(f"nobody answers at {call.url}")
        with _sigterm_ends(), progress(len(all_checks()), things="checks") as reach:
            grading = run(
                bench,
                read_weights(weights or DEFAULT),
                seed,
                only=check or (),
                drains=drain,
                told=lambda done, total, name: reach(done),
            )
    except (CannotGradeError, DataError, WeightsError, ValueError) as error:
        say(f"{error}.{' No report was written.' if report else ''}")
        raise typer.Exit(WRONG) from None
    finally:
        output.unlink(missing_ok=True)
    for path in report or ():
        write_file(path, FORMS[path.suffix](grading).encode())
    if call.out.form == "json":
        call.out.json(as_data(grading))
    else:
        _show(call, grading)
    raise typer.Exit(FAILED if grading.findings else 0)


@contextmanager
def _sigterm_ends() -> Iterator[None]:
    """Have SIGTERM end the command as Ctrl-C does: the server that it started ends, too."""

    def end(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _show(call: Call, grading: "Grading") -> None:
    """Print what people read: the findings, what is told without points, and the points."""
    from rich.text import Text

    points, full = grading.score
    for finding in grading.findings:
        where = f" ({finding.where})" if finding.where else ""
        cost = grading.weights.cost(finding)
        call.out.show(
            Text.assemble((finding.fault.title, "bold"), f"{where}  -{cost:g}"),
            f"  {finding.seen}",
        )
    for outcome in grading.outcomes:
        if outcome.left_out:
            call.out.show(f"{outcome.name} was left out: {outcome.left_out}.")
        for note in outcome.notes:
            call.out.show(f"{outcome.name}: {note}")
    count = len(grading.findings)
    found = counted(count, "finding") if count else "nothing was found"
    score = f"{points:g} of {full:g} points; {found}."
    call.out.show(score if full or count else "Nothing was checked that costs points.")
