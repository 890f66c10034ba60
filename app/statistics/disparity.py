"""How far the strata of one category lie from a reference: in points, and as a ratio."""

from typing import TYPE_CHECKING, Annotated, NamedTuple

from msgspec import Meta

from app.datasets.layouts import Layout
from app.datasets.strata import TOTAL
from app.errors import BadRequest
from app.statistics import columns
from app.statistics.names import nation, several
from app.statistics.parameters import Category, Parameters, Question, States, Stratum, Year
from app.statistics.statistic import Chart, Statistic
from app.statistics.table import Column, Table, in_unit
from app.statistics.wording import in_year, listed, quantity, quoted

if TYPE_CHECKING:
    import polars as pl

    from app.data_ingestor import DataIngestor
    from app.methods.estimates import Period

COLUMNS = (
    columns.STATE,
    Column("category", "text", "the stratification category"),
    Column("stratum", "text", "the stratum of people"),
    columns.VALUE,
    columns.LOW,
    columns.HIGH,
    Column("reference", "text", "the stratum that it is measured against"),
    Column("gap", "number", "value minus the reference's, in {points}"),
    Column("gap_low", "number", "lower 95 % confidence limit of gap, in {points}"),
    Column("gap_high", "number", "upper 95 % confidence limit of gap, in {points}"),
    Column("ratio", "number", "value over the reference's"),
    Column("ratio_low", "number", "lower 95 % confidence limit of ratio"),
    Column("ratio_high", "number", "upper 95 % confidence limit of ratio"),
    Column("p_value", "number", "two-sided, of no gap"),
    columns.SAMPLE_SIZE,
    columns.PRESENTATION,
)

METHOD = (
    "Each stratum minus, and over, the reference stratum of its state; strata of one category are "
    "independent samples. Gaps have normal 95 % limits, variances added; ratios have them on the "
    "log scale. Nothing is corrected for the number of strata."
)
_CHOSEN = (
    "Each state's reference is the stratum with its most favourable estimate (of those not marked "
    "withhold), chosen from the same data: that favours extreme values, so gaps are somewhat "
    'overstated and p-values too small. Name a "reference" to avoid it.'
)


class DisparityParameters(Parameters, frozen=True):
    """Whose strata to compare, by which question, in which year, and with which of them."""

    question: Question
    category: Category
    state: Annotated[
        States | None, Meta(description="a state or several of them; National by default")
    ] = None
    year: Year | None = None
    reference: Annotated[
        Stratum | None, Meta(description="the stratum to compare with; the best by default")
    ] = None


class _Found(NamedTuple):
    period: "Period"
    matched: "pl.DataFrame"
    warnings: list[str]


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
        category = dataset.category(parameters.category)
        if category == TOTAL:
            whom = dataset.layout.everyone or "everyone"
            raise BadRequest(f'"{category}" is {whom}, who cannot be compared among themselves')
        state = parameters.state
        resolved = DisparityParameters(
            question=question.text,
            category=category,
            state=[nation(dataset)] if state is None else several(state, dataset.state),
            year=parameters.year,
            reference=_reference(parameters.reference, dataset, category),
        )
        if resolved.reference is None and question.lower_is_better is None:
            raise BadRequest(
                f'whether low or high is better is not known of {question.id}: name a "reference"'
            )
        _find(dataset, resolved)
        return resolved

    def compute(self, dataset: "DataIngestor", parameters: DisparityParameters) -> Table:
        """Return a row for each stratum of each state, both in ascending order."""
        import polars as pl

        from app.datasets.absence import statuses
        from app.methods.contrasts import gaps, references
        from app.methods.estimates import estimates
        from app.statistics import about

        period, matched, warnings = _find(dataset, parameters)
        question = dataset.question(parameters.question).question
        found = estimates(matched, "state", "stratum")
        chosen = references(found, parameters.reference, lower=bool(question.lower_is_better))
        compared = gaps(found, chosen).with_columns(pl.lit(parameters.category).alias("category"))
        if parameters.reference is None:
            warnings.append(_CHOSEN)
        there = found["state"].cast(pl.String).to_list()
        left = set(_states(parameters)) - set(there)
        cells = about.cells_of(dataset, [parameters.question], left, period)
        warnings += about.absent(statuses(cells, matched, dataset.releases), period.text)
        warnings += _withheld(dataset, matched.filter(pl.col("state").cast(pl.String).is_in(there)))
        warnings += _doubts(compared)
        described = about.about(
            dataset,
            self.name,
            METHOD,
            {"question": about.question_fields(question)},
            years=period.text,
            stratum=None,
            used=about.only_used(matched),
            matched=matched,
            warnings=warnings + about.weaknesses(found),
        )
        described["category"] = parameters.category
        return Table(
            in_unit(COLUMNS, dataset.unit([parameters.question])),
            about.rows_of(compared, COLUMNS),
            described,
        )

    def used(self, dataset: "DataIngestor", parameters: DisparityParameters) -> "pl.DataFrame":
        """Return the rows that the answer is made of."""
        from app.statistics.about import only_used

        return only_used(_find(dataset, parameters).matched)

    def sentence(self, parameters: DisparityParameters, _layout: Layout) -> str:
        """Return what is asked."""
        reference = parameters.reference
        against = "the one that does best" if reference is None else f'"{reference}"'
        return (
            f"How far is each stratum of {parameters.category} from {against} by "
            f"{quantity(parameters.question)} in {listed(_states(parameters))} "
            f"{in_year(parameters.year, 'in the latest year')}?"
        )

    def method(self, _parameters: DisparityParameters, _layout: Layout) -> str:
        """Return how the answer is computed."""
        return METHOD


def _states(parameters: DisparityParameters) -> list[str]:
    """Return the states of resolved parameters, which always have a list of them."""
    return list(parameters.state or ())


def _reference(name: str | None, dataset: "DataIngestor", category: str) -> str | None:
    """Return the full name of the stratum to compare with; raise BadRequest for another's."""
    from app.methods.estimates import NOT_REPORTED

    if name is None:
        return None
    stratum = dataset.stratum(name)[1]
    strata = [one for of, one in dataset.names("category", "stratum") if of == category]
    known = [one for one in strata if one != NOT_REPORTED]
    if stratum not in known:
        raise BadRequest(f'"reference" must be a stratum of {category}: {quoted(known)}')
    return stratum


def _find(dataset: "DataIngestor", parameters: DisparityParameters) -> _Found:
    """Return the rows to answer from; raise BadRequest where there are none."""
    import polars as pl

    from app.methods.estimates import NOT_REPORTED, matching, periods, within
    from app.statistics.about import nothing_released, whole_period
    from app.statistics.periods import period as period_of

    category, states = parameters.category, _states(parameters)
    rows = matching(dataset, question=parameters.question, category=category, state=states)
    people = rows.filter(pl.col("stratum") != NOT_REPORTED)
    found = periods(people, "state", "stratum", 2)
    question = dataset.question(parameters.question).question
    what = f"{question.id} for two strata of {category} in {listed(states)}"
    year = parameters.year
    period = period_of(
        found,
        year,
        what,
        lambda: nothing_released(dataset, [parameters.question], states, year, year),
    )
    matched = people.filter(within(period))
    warnings = whole_period(found)
    if rows.filter(within(period)).height > matched.height:
        warnings.append(f'"{NOT_REPORTED}" is left out: it is no group of people.')
    return _Found(period, matched, warnings)


def _withheld(dataset: "DataIngestor", rows: "pl.DataFrame") -> list[str]:
    """Return the warning that CDC withholds some strata of states that have others."""
    import polars as pl

    from app.datasets.absence import UNIT, WITHHELD, statuses

    cells = rows.select(*UNIT, "stratum").unique()
    told = statuses(cells, rows, dataset.releases).filter(pl.col("status") == WITHHELD)
    by_state: dict[str, list[str]] = {}
    for state, stratum in told.sort("state", "stratum").select("state", "stratum").iter_rows():
        by_state.setdefault(state, []).append(stratum)
    named = [f"{state} ({', '.join(names)})" for state, names in by_state.items()]
    return [f"Withheld, for too small a sample of the stratum: {listed(named)}."] if named else []


def _doubts(compared: "pl.DataFrame") -> list[str]:
    """Return the warnings that states without a good reference deserve."""
    import polars as pl

    from app.methods.presentation import to_withhold

    def states(rows: pl.DataFrame) -> list[str]:
        return rows["state"].unique().cast(pl.String).sort().to_list()

    warnings = []
    without = states(compared.filter(pl.col("reference").is_null()))
    if without:
        warnings.append(f"No estimate of the reference, so no gaps, in: {listed(without)}.")
    weak = states(compared.filter(pl.col("stratum") == pl.col("reference"), to_withhold()))
    if weak:
        warnings.append(f"The reference's own estimate is too imprecise in: {listed(weak)}.")
    alone = states(compared.filter(pl.len().over("state") == 1))
    if alone:
        warnings.append(f"Only one stratum, so nothing to compare, in: {listed(alone)}.")
    return warnings
