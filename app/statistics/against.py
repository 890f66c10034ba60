"""One state, or one stratum of a state, against each of the others, on one question in one year."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta

from app.datasets.layouts import Layout
from app.datasets.places import NATION, named
from app.datasets.strata import TOTAL
from app.errors import BadRequest
from app.messages import reasons
from app.methods.rounding import rounded
from app.methods.verdicts import HIGHER, LOWER, NOT_CLEAR, UNKNOWN
from app.statistics import columns
from app.statistics.names import nation, stratum_or_default
from app.statistics.parameters import Parameters, Question, State, Stratum, Year
from app.statistics.statistic import Asked, Chart, Statistic
from app.statistics.table import Column, Table, in_unit
from app.statistics.wording import (
    among,
    beside_the_nation,
    in_year,
    place,
    quantity,
    with_nature,
)

if TYPE_CHECKING:
    import polars as pl

    from app.data_ingestor import DataIngestor
    from app.statistics.in_words.answer import Answer
    from app.statistics.in_words.words import Words
    from app.statistics.period_rows import PeriodRows

Others = Literal["states", "places", "strata"]

_OTHER_STATE = (
    Column("state", "text", "the other location's name"),
    Column("kind", "text", '"state", "district" or "territory"'),
)
_OTHER_STRATUM = (Column("stratum", "text", "the other stratum"),)
_FIGURES = (
    Column("value", "number", "the estimate of the other, {in_share}"),
    Column("value_low", "number", "lower 95 % confidence limit of value, {value}, as CDC has it"),
    Column("value_high", "number", "upper 95 % confidence limit of value, {value}, as CDC has it"),
    Column("difference", "number", "the one of about.subject minus the other, in {points}"),
    Column("low", "number", "lower 95 % confidence limit of difference, in {points}"),
    Column("high", "number", "upper 95 % confidence limit of difference, in {points}"),
    Column("p_value", "number", f"two-sided, of no difference; {columns.SMALL_P}"),
    Column("p_adjusted", "number", "p_value, adjusted for the number of others (Holm)"),
    Column(
        "verdict",
        "text",
        'whether the one of about.subject is clearly "higher" or "lower" than the other, '
        '"no clear difference", or "unknown"',
    ),
    columns.SAMPLE_SIZE,
    columns.PRESENTATION,
)

METHOD = (
    "Differences of two independent estimates, with normal 95 % limits, variances added; p-values "
    "adjusted for the number of others after Holm (1979). One is higher or lower where the "
    "adjusted p-value is below 0.05; the limits of a single difference are not adjusted."
)


class AgainstParameters(Parameters, frozen=True):
    """Which state or stratum to hold against which others, on which question and in which year."""

    question: Question
    state: Annotated[
        State | None, Meta(description="the state to hold against others; National by default")
    ] = None
    stratum: Stratum | None = None
    year: Year | None = None
    others: Annotated[
        Others,
        Meta(
            description="states: all other states and the District, as by default; places: "
            "territories, too; strata: those of the same category in the same state"
        ),
    ] = "states"


class Against(Statistic[AgainstParameters]):
    """The difference of one from each of the others, and from the nation in `about.national`."""

    name = "against"
    title = "One against the others"
    summary = "A state or a stratum against each of the others: clearly higher, lower, or neither"
    parameters = AgainstParameters
    example = {"question": "Q036", "state": "Ohio"}
    chart = Chart(
        "dot",
        "difference",
        "{difference}",
        diverging=True,
        turned=True,
        ordered=True,
        limits="difference",
    )

    def resolve(self, parameters: AgainstParameters, dataset: "DataIngestor") -> AgainstParameters:
        """Return parameters by full names; raise BadRequest for what has no answer."""
        from app.methods.estimates import NOT_REPORTED

        stratum = stratum_or_default(parameters.stratum, dataset)
        if parameters.others == "strata" and stratum in (TOTAL, NOT_REPORTED):
            raise BadRequest(reasons.NO_SEVERAL_STRATA(stratum=stratum))
        return AgainstParameters(
            question=dataset.question(parameters.question).question.text,
            state=dataset.state(parameters.state) if parameters.state else nation(dataset),
            stratum=stratum,
            year=parameters.year,
            others=parameters.others,
        )

    def find(self, dataset: "DataIngestor", parameters: AgainstParameters) -> "PeriodRows":
        """Return the rows to answer from; raise BadRequest where there are none."""
        from app.statistics.others import find

        return find(dataset, parameters)

    def compute(self, asked: Asked[AgainstParameters, "PeriodRows"]) -> Table:
        """Return a row for each of the others: states by their estimates, strata in their order."""
        import polars as pl

        from app.methods.estimates import estimates, is_nation
        from app.statistics import about
        from app.statistics.others import absent_others, absent_strata, subject_of, warnings_of

        dataset, parameters, rows = asked
        period, everywhere, matched, used, _ = rows
        warnings = warnings_of(dataset, parameters, rows)
        by, one = subject_of(parameters)
        question = dataset.question(parameters.question).question
        found = estimates(matched, by)
        subject = found.filter(pl.col(by) == one)
        others = found.filter(pl.col(by).is_in([one, NATION.name]).not_())
        frame = _in_order(_compared(subject, others), by, dataset)
        more: dict[str, Any] = {
            "subject": _subject_fields(parameters, subject),
            "verdicts": {
                verdict: (frame["verdict"] == verdict).sum()
                for verdict in (HIGHER, LOWER, NOT_CLEAR, UNKNOWN)
            },
        }
        if by == "state":
            left, absent = absent_others(dataset, parameters, everywhere, matched, period)
            warnings += absent
            more |= left
            of_nation = found.filter(is_nation(), pl.lit(one != NATION.name))
            more["national"] = _nation_fields(_compared(subject, of_nation))
            if one == NATION.name or more["national"] is not None:
                whom = frame["state"].to_list() if one == NATION.name else [one]
                warnings += beside_the_nation(whom, dataset.layout)
        else:
            more["without_estimate"], absent = absent_strata(dataset, parameters, matched, period)
            warnings += absent
        described = about.about(
            dataset,
            self.method(parameters, dataset.layout),
            {"question": about.question_fields(question)},
            years=period.text,
            stratum=parameters.stratum,
            used=used,
            matched=matched,
            warnings=warnings + about.weaknesses(found),
        )
        described |= more
        shown = (*(_OTHER_STATE if by == "state" else _OTHER_STRATUM), *_FIGURES)
        unit = dataset.unit([parameters.question])
        return Table(in_unit(shown, unit), about.rows_of(frame, shown), described)

    def sentence(self, parameters: AgainstParameters, layout: Layout) -> str:
        """Return what is asked."""
        what, state = quantity(parameters.question), str(parameters.state)
        if parameters.others == "strata":
            when = in_year(parameters.year, "in the latest year")
            return (
                f'How does "{parameters.stratum}" differ from each of the other strata in {what} '
                f"{when}, in {place(state)}?"
            )
        when = in_year(parameters.year, "in the latest year that has both")
        one = named(state)
        others = "the other states" if one is not None and one.kind == "state" else "the states"
        if parameters.others == "places":
            others = "the other places"
        return (
            f"How does {place(state)} differ from each of {others} in {what} "
            f"{when}, {among(parameters.stratum, layout)}?"
        )

    def method(self, _parameters: AgainstParameters, layout: Layout) -> str:
        """Return how the answer is computed."""
        return with_nature(layout, METHOD)

    def in_words(self, answer: "Answer", words: "Words") -> str:
        """Return the answer in words."""
        from app.statistics.in_words.differences import against

        return against(answer, words)


def _compared(subject: "pl.DataFrame", others: "pl.DataFrame") -> "pl.DataFrame":
    """Return the others with the differences of the one from each of them, and the verdicts."""
    import polars as pl

    from app.methods.contrasts import from_one
    from app.statistics.about import combined

    frame = from_one(subject, others).with_columns(
        pl.col("low").alias("value_low"),
        pl.col("high").alias("value_high"),
        pl.col("difference_low").alias("low"),
        pl.col("difference_high").alias("high"),
    )
    own = subject["presentation"].item()
    return frame.with_columns(
        pl.Series(
            "presentation", [combined(own, mark) for mark in frame["presentation"]], dtype=pl.String
        ),
    )


def _in_order(frame: "pl.DataFrame", by: str, dataset: "DataIngestor") -> "pl.DataFrame":
    """Return the others as they are shown: states by their estimates, strata as in their category.

    States have their `kind`.
    """
    import polars as pl

    from app.datasets.strata import stratum_key
    from app.methods.estimates import kind

    if by == "state":
        return frame.sort("value", "state").with_columns(kind().alias("kind"))
    names = frame["stratum"].cast(pl.String).to_list()
    keys = {name: stratum_key(dataset.stratum(name)[0], name) for name in names}
    return frame[sorted(range(len(names)), key=lambda place: keys[names[place]])]


def _subject_fields(parameters: AgainstParameters, subject: "pl.DataFrame") -> dict[str, Any]:
    """Return the one that is held against the others, and its estimate."""
    row = subject.row(0, named=True)
    return {
        "state": parameters.state,
        "stratum": parameters.stratum,
        **{name: rounded(row[name]) for name in ("value", "low", "high")},
        "sample_size": row["sample_size"],
        "presentation": row["presentation"],
    }


def _nation_fields(of_nation: "pl.DataFrame") -> dict[str, Any] | None:
    """Return the nation's estimate and the difference from it, None where there is none."""
    if of_nation.is_empty():
        return None
    row = of_nation.row(0, named=True)
    columns_of = {
        "value": "value",
        "low": "value_low",
        "high": "value_high",
        "difference": "difference",
        "difference_low": "low",
        "difference_high": "high",
        "p_value": "p_value",
    }
    figures = {name: rounded(row[column]) for name, column in columns_of.items()}
    return {**figures, "verdict": row["verdict"]}
