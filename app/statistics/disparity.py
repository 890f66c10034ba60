"""How far the strata of one category lie from a reference: in points, and as a ratio."""

from typing import TYPE_CHECKING, Annotated

from msgspec import Meta
from msgspec.structs import replace

from app.datasets.layouts import Layout
from app.datasets.strata import TOTAL
from app.errors import BadRequest
from app.messages import caveats, reasons
from app.messages.message import Sentence
from app.statistics import columns
from app.statistics.names import (
    category_of_strata,
    nation,
    reference_stratum,
    several,
    states_of,
)
from app.statistics.parameters import Category, Parameters, Question, States, Stratum, Year
from app.statistics.statistic import Asked, Chart, Statistic
from app.statistics.table import Column, Table, in_unit
from app.statistics.wording import in_year, listed, places, quantity, with_nature

if TYPE_CHECKING:
    import polars as pl

    from app.data_ingestor import DataIngestor
    from app.statistics.in_words.answer import Answer
    from app.statistics.in_words.words import Words
    from app.statistics.period_rows import PeriodRows

COLUMNS = (
    columns.STATE,
    Column("category", "text", "the stratification category"),
    Column("stratum", "text", "the stratum of people"),
    columns.VALUE,
    columns.LOW,
    columns.HIGH,
    Column("reference", "text", "the stratum that it is measured against"),
    Column("reference_value", "number", "the estimate of the reference, {value}"),
    Column("gap", "number", "value minus the reference's, in {points}"),
    Column("gap_low", "number", "lower 95 % confidence limit of gap, in {points}"),
    Column("gap_high", "number", "upper 95 % confidence limit of gap, in {points}"),
    Column("ratio", "number", "value over the reference's"),
    Column("ratio_low", "number", "lower 95 % confidence limit of ratio"),
    Column("ratio_high", "number", "upper 95 % confidence limit of ratio"),
    Column("p_value", "number", f"two-sided, of no gap; {columns.SMALL_P}"),
    Column("p_adjusted", "number", "p_value, adjusted for the number of gaps (Holm)"),
    Column(
        "verdict",
        "text",
        'whether the stratum is clearly "higher" or "lower" than its reference, "no clear '
        'difference", or "unknown"; null of a reference itself',
    ),
    columns.SAMPLE_SIZE,
    columns.PRESENTATION,
    columns.STATUS,
)

METHOD = (
    "Each stratum minus, and over, the reference of its state. Estimates are taken as independent, "
    "as strata of one category are: gaps have normal 95 % limits, variances added; ratios have "
    "them on the log scale. P-values are adjusted after Holm (1979) for the number of gaps in the "
    "answer; a stratum is higher or lower where the adjusted one is below 0.05. The limits of a "
    "single gap are not adjusted. Gaps from the stratum that does best have no limits and no "
    "p-values."
)
BEST = "best"


class DisparityParameters(Parameters, frozen=True):
    """Whose strata to compare, by which question, in which year, and with which of them."""

    question: Question
    category: Category
    state: Annotated[
        States | None, Meta(description="a state or several of them; National by default")
    ] = None
    year: Year | None = None
    reference: Annotated[
        Stratum | None,
        Meta(
            description="what to compare with: a stratum, Total (the default, where there are rows"
            f" of it), or {BEST} for the stratum that does best"
        ),
    ] = None


class Disparity(Statistic[DisparityParameters]):
    """The strata of a category in each state, with the gap and the ratio to a reference."""

    name = "disparity"
    title = "Disparities between strata"
    summary = "Gap and ratio between the strata of a category, with intervals"
    parameters = DisparityParameters
    example = {"question": "Q036", "category": "Income"}
    chart = Chart("dot")

    def resolve(
        self, parameters: DisparityParameters, dataset: "DataIngestor"
    ) -> DisparityParameters:
        """Return parameters by full names; raise BadRequest for what has no answer."""
        question = dataset.question(parameters.question).question
        category = category_of_strata(parameters.category, dataset)
        state = parameters.state
        resolved = DisparityParameters(
            question=question.text,
            category=category,
            state=[nation(dataset)] if state is None else several(state, dataset.state),
            year=parameters.year,
            reference=_reference(parameters.reference, dataset, category),
        )
        if resolved.reference is None:
            resolved = replace(resolved, reference=self._default(dataset, resolved))
        if resolved.reference == BEST and question.lower_is_better is None:
            raise BadRequest(reasons.BETTER_UNKNOWN_NAME(question=question.id))
        return resolved

    def find(self, dataset: "DataIngestor", parameters: DisparityParameters) -> "PeriodRows":
        """Return the rows to answer from; raise BadRequest where there are none."""
        from app.statistics.strata import strata_rows

        return strata_rows(
            dataset,
            parameters.question,
            parameters.category,
            states_of(parameters.state),
            parameters.year,
            with_total=parameters.reference == TOTAL,
        )

    def _default(self, dataset: "DataIngestor", parameters: DisparityParameters) -> str:
        """Return what to compare with where nothing is named: Total, if a state has an estimate."""
        used = self.find(dataset, replace(parameters, reference=TOTAL)).used
        return TOTAL if TOTAL in used["stratum"].unique() else BEST

    def compute(self, asked: Asked[DisparityParameters, "PeriodRows"]) -> Table:
        """Return a row for each stratum of each state with some, both in ascending order."""
        import polars as pl

        from app.methods.contrasts import best, gaps
        from app.methods.estimates import estimates
        from app.statistics import about
        from app.statistics.strata import told_of, warnings_of_strata

        dataset, parameters, rows = asked
        told = told_of(asked)
        question = dataset.question(parameters.question).question
        reference = parameters.reference
        everything = estimates(rows.matched, "state", "stratum")
        found = everything.filter(pl.col("stratum") != TOTAL)
        if reference == BEST:
            references = best(found, lower=bool(question.lower_is_better))
        else:
            references = everything.filter(pl.col("stratum") == reference)
        compared = told.statuses.join(
            gaps(found, references, uncertain=reference != BEST),
            on=["state", "stratum"],
            how="left",
            maintain_order="left",
        ).with_columns(pl.lit(parameters.category).alias("category"))
        warnings = [*told.warnings, *warnings_of_strata(told.statuses)]
        warnings += _doubts(compared, references, reference)
        if reference == BEST:
            warnings += about.caution(question)
        described = about.about(
            dataset,
            self.method(parameters, dataset.layout),
            {"question": about.question_fields(question)},
            years=rows.period.text,
            stratum=None,
            used=rows.used,
            matched=rows.matched,
            warnings=warnings + about.weaknesses(everything),
        )
        described["category"] = parameters.category
        described["not_reported"] = dict(told.not_reported)
        described["without_estimate"] = dict(told.without_estimate)
        return Table(
            in_unit(COLUMNS, dataset.unit([parameters.question])),
            about.rows_of(compared, COLUMNS),
            described,
        )

    def sentence(self, parameters: DisparityParameters, _layout: Layout) -> str:
        """Return what is asked."""
        reference = parameters.reference
        against = "the one that does best" if reference == BEST else f'"{reference}"'
        return (
            f"How far is each stratum of {parameters.category} from {against} by "
            f"{quantity(parameters.question)} in {places(parameters.state or ())} "
            f"{in_year(parameters.year, 'in the latest year')}?"
        )

    def method(self, _parameters: DisparityParameters, layout: Layout) -> str:
        """Return how the answer is computed."""
        return with_nature(layout, METHOD)

    def in_words(self, answer: "Answer", words: "Words") -> str:
        """Return the answer in words."""
        from app.statistics.in_words.strata import disparity

        return disparity(answer, words)


def _reference(name: str | None, dataset: "DataIngestor", category: str) -> str | None:
    """Return the full name of what to compare with; raise BadRequest for another's stratum."""
    if name is None or name.strip().casefold() == BEST:
        return name and BEST
    return reference_stratum("reference", name, dataset, category)


def _doubts(
    compared: "pl.DataFrame", references: "pl.DataFrame", reference: str | None
) -> list[Sentence]:
    """Return the warnings that the references deserve."""
    import polars as pl

    from app.methods.presentation import to_withhold

    def states(rows: pl.DataFrame) -> list[str]:
        return rows["state"].unique().cast(pl.String).sort().to_list()

    warnings = []
    have = compared.filter(pl.col("value").is_not_null())
    if reference == TOTAL:
        warnings.append(caveats.PART_OF_TOTAL())
    if reference == BEST:
        warnings.append(caveats.BEST_CHOSEN())
        counted = compared.group_by("state").agg(
            pl.col("value").count().alias("have"), pl.len().alias("all")
        )
        few = counted.filter(pl.col("have") < pl.col("all")).sort("state")
        named = [f"{state} ({some} of {every})" for state, some, every in few.iter_rows()]
        if named:
            warnings.append(caveats.BEST_OF_FEW(named=listed(named)))
    without = states(have.filter(pl.col("reference").is_null()))
    if without:
        warnings.append(caveats.NO_REFERENCE_NO_GAPS(states=listed(without)))
    weak = states(references.filter(to_withhold()))
    if weak:
        warnings.append(caveats.WEAK_REFERENCE(states=listed(weak)))
    alone = states(have.filter(pl.len().over("state") == 1))
    if alone:
        warnings.append(caveats.ALONE_TO_COMPARE(states=listed(alone)))
    return warnings
