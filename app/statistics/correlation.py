"""How two questions go together over the states."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from app.datasets.layouts import Layout
from app.datasets.strata import TOTAL
from app.messages import caveats, reasons
from app.messages.message import Sentence
from app.methods.rounding import rounded, shown, written
from app.statistics import columns
from app.statistics.names import pair, stratum_or_default
from app.statistics.parameters import Parameters, Stratum, TwoQuestions, Year
from app.statistics.statistic import Asked, Chart, Statistic
from app.statistics.table import Column, Table
from app.statistics.wording import among, in_year, listed, quantity, with_nature

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from app.data_ingestor import DataIngestor, Question
    from app.methods.correlation import Coefficient, Numbers
    from app.methods.estimates import Period
    from app.statistics.in_words.answer import Answer
    from app.statistics.in_words.words import Words

COLUMNS = (
    Column("coefficient", "text", '"pearson" or "spearman"'),
    Column("value", "number", "the coefficient, from -1 to 1"),
    Column("low", "number", "its lower 95 % confidence limit"),
    Column("high", "number", "its upper 95 % confidence limit"),
    Column("p_value", "number", f"two-sided, of no correlation; {columns.SMALL_P}"),
    Column("states", "integer", "how many states have both, the District and territories too"),
)

METHOD = (
    "Pearson's r with limits by Fisher's z; Spearman's rho with the limits of Bonett and Wright "
    "(2000); p-values from the t distribution with n-2 degrees of freedom, that of rho for up to 8 "
    "states, and of a coefficient of exactly 1 or -1, from all orders of the states. The limits of "
    "r and its p-value take the two questions as normally distributed together, which one state "
    "that lies far from the others makes untrue; rho goes by the order of the states alone. Every "
    "state counts the same, and so do the District of Columbia and each territory."
)
# Of the variance between states; from here on it is told how much of it sampling error makes.
_MUCH = 0.25
_CAUTIONS = (caveats.ECOLOGICAL, caveats.NO_SAMPLE_OF_STATES, caveats.SAME_SAMPLES)


class CorrelationParameters(Parameters, frozen=True):
    """Which two questions, in which year, and among whom."""

    questions: TwoQuestions
    year: Year | None = None
    stratum: Stratum | None = None


class _Found(NamedTuple):
    period: "Period"
    everywhere: "pl.DataFrame"  # rows of any period
    matched: "pl.DataFrame"
    used: "pl.DataFrame"
    cells: "pl.DataFrame"  # the estimates of both questions
    points: "pl.DataFrame"  # state, x, y
    warnings: list[Sentence]


class Correlation(Statistic[CorrelationParameters]):
    """Pearson's and Spearman's coefficients of two questions; the states in `about.points`."""

    name = "correlation"
    title = "Correlation over the states"
    summary = "How two questions go together over the states, with the interval of the coefficient"
    parameters = CorrelationParameters
    example = {"questions": ["Q036", "Q047"]}
    chart = Chart("scatter", value="", series="points")  # of two values for each state

    def resolve(
        self, parameters: CorrelationParameters, dataset: "DataIngestor"
    ) -> CorrelationParameters:
        """Return parameters by full names; raise BadRequest for what has no answer."""
        return CorrelationParameters(
            questions=pair(
                "questions", parameters.questions, lambda name: dataset.question(name).question.text
            ),
            year=parameters.year,
            stratum=stratum_or_default(parameters.stratum, dataset),
        )

    def find(self, dataset: "DataIngestor", parameters: CorrelationParameters) -> _Found:
        """Return the rows to answer from; raise BadRequest where there are none."""
        import polars as pl

        from app.methods.estimates import cells, is_nation, matching, periods, within
        from app.statistics.about import of_strata, only_used, whole_period
        from app.statistics.periods import period as period_of

        category, name = dataset.stratum(parameters.stratum or TOTAL)
        rows = matching(dataset, question=parameters.questions, category=category, stratum=name)
        rows = rows.filter(~is_nation())
        found = periods(rows, "state", "question", 2)
        what = reasons.BOTH_IN_STRATUM(stratum=name)
        period = period_of(found, parameters.year, what)
        matched = rows.filter(within(period))
        both = cells(matched, "question", "state")
        x, y = (
            both.filter(pl.col("question") == text).select("state", pl.col("value").alias(axis))
            for text, axis in zip(parameters.questions, ("x", "y"), strict=True)
        )
        points = x.join(y, on="state").sort("state")
        used = only_used(matched.join(points, on="state", how="semi"))
        warnings = whole_period(found)
        warnings += of_strata(dataset, category, [parameters.stratum], period.last)
        both = both.join(points, on="state", how="semi")
        return _Found(period, rows, matched, used, both, points, warnings)

    def compute(self, asked: Asked[CorrelationParameters, _Found]) -> Table:
        """Return a row for Pearson's and one for Spearman's."""
        import numpy as np
        import polars as pl

        from app.datasets.absence import statuses
        from app.methods.correlation import pearson, spearman, without_each
        from app.methods.presentation import with_presentation
        from app.statistics import about

        dataset, parameters, found = asked
        x, y = (found.points[name].to_numpy().astype(np.float64) for name in ("x", "y"))
        r, rho = pearson(x, y), spearman(x, y)
        rows = [
            ["pearson", *map(rounded, r), len(x)],
            ["spearman", *map(rounded, rho), len(x)],
        ]
        made_by = _made_by_one(found.points, r, without_each(x, y))
        first, second = (dataset.question(text).question for text in parameters.questions)
        warnings = [*_tie(first, second), *(one() for one in _CAUTIONS), *found.warnings]
        warnings += _reasons(x, y, parameters.questions)
        warnings += _unlike(r, rho, made_by)
        noise = _noise(found.cells, (first, second))
        warnings += _noisy(noise, (first, second))
        if any(row[1] is not None and row[2] is None for row in rows):
            warnings.append(caveats.EXACTLY_ONE())
        left = set(found.everywhere["state"].cast(pl.String))
        left -= set(found.points["state"].cast(pl.String))
        cells = about.cells_of(dataset, parameters.questions, sorted(left), found.period)
        warnings += about.absent(
            dataset,
            statuses(cells, found.matched, dataset.releases),
            found.period.text,
            caveats.OF_BOTH_QUESTIONS(),
            caveats.OF_ONE_QUESTION(),
        )
        described = about.about(
            dataset,
            self.method(parameters, dataset.layout),
            {"x": about.question_fields(first), "y": about.question_fields(second)},
            years=found.period.text,
            stratum=parameters.stratum,
            used=found.used,
            matched=found.matched,
            warnings=warnings + about.weaknesses(found.cells),
        )
        if made_by is not None:
            described["without_one"] = made_by
        if noise:
            described["sampling_error"] = noise
        told = with_presentation(found.cells).select("question", "state", "presentation")
        marks = {(text, state): mark for text, state, mark in told.iter_rows()}
        described["points"] = {
            "columns": ["state", "x", "y", "x_presentation", "y_presentation"],
            "rows": [
                [
                    state,
                    rounded(a),
                    rounded(b),
                    *(marks[one.text, state] for one in (first, second)),
                ]
                for state, a, b in found.points.iter_rows()
            ],
        }
        return Table(COLUMNS, rows, described)

    def sentence(self, parameters: CorrelationParameters, layout: Layout) -> str:
        """Return what is asked."""
        x, y = map(quantity, parameters.questions)
        when = in_year(parameters.year, "in the latest year that has both")
        whom = among(parameters.stratum, layout)
        return f"How does {x} go together with {y} over the states {when}, {whom}?"

    def method(self, _parameters: CorrelationParameters, layout: Layout) -> str:
        """Return how the answer is computed."""
        return with_nature(layout, METHOD)

    def in_words(self, answer: "Answer", words: "Words") -> str:
        """Return the answer in words."""
        from app.statistics.in_words.differences import correlation

        return correlation(answer, words)

    def questions(self, parameters: CorrelationParameters) -> Sequence[str]:
        """Return the texts of both."""
        return parameters.questions


def _tie(first: "Question", second: "Question") -> list[Sentence]:
    """Return the warning that two questions deserve which are tied by what they count."""
    from app.datasets.questions import shared_people

    if first.cdc_id == second.cdc_id:
        tie: Sentence | None = caveats.ONE_QUESTION()
    else:
        tie = shared_people((first.cdc_id, first.text), (second.cdc_id, second.text))
    return [caveats.TIED(first=first.id, second=second.id, tie=tie)] if tie else []


def _reasons(x: "Numbers", y: "Numbers", questions: list[str]) -> list[Sentence]:
    """Return why there is no coefficient, if there is none."""
    from app.methods.correlation import FEWEST_PAIRS, is_constant

    if len(x) < FEWEST_PAIRS:
        return [caveats.FEW_STATES(states=len(x), fewest=FEWEST_PAIRS)]
    return [
        caveats.ALL_THE_SAME(what=quantity(text))
        for text, numbers in zip(questions, (x, y), strict=True)
        if is_constant(numbers)
    ]


def _made_by_one(
    points: "pl.DataFrame", r: "Coefficient", without: "Numbers"
) -> dict[str, Any] | None:
    """Return the state without which r is farthest off, of those that take it beyond its limits.

    Not where two decimals do not show it: limits may be closer to r than these.
    """
    import numpy as np

    if r.value is None or r.low is None or r.high is None:
        return None
    beyond = (without < r.low) | (without > r.high)  # false of NaN
    if not beyond.any():
        return None
    place = int(np.argmax(np.where(beyond, np.abs(without - r.value), -1)))
    left = float(without[place])
    if shown(left, 2) == shown(r.value, 2):
        return None
    return {"state": str(points["state"][place]), "pearson": rounded(left)}


def _unlike(r: "Coefficient", rho: "Coefficient", made_by: dict[str, Any] | None) -> list[Sentence]:
    """Return the warnings that r is no summary of the states: by one of them, or by rho."""
    if made_by is not None:
        return [caveats.MADE_BY_ONE(state=made_by["state"], r=written(made_by["pearson"], 2))]
    if r.low is None or r.high is None or rho.value is None or r.low <= rho.value <= r.high:
        return []
    return [caveats.NO_STRAIGHT_LINE()]


def _noise(cells: "pl.DataFrame", questions: "Sequence[Question]") -> dict[str, float]:
    """Return the mean of the squared standard errors as a share of the variance between states.

    By "x" and "y", of the questions in order; without one of which that cannot be told.
    """
    from statistics import fmean, variance

    figures = cells.select("question", "value", "error").rows()
    shares = {}
    for name, question in zip(("x", "y"), questions, strict=True):
        values = [value for text, value, _ in figures if text == question.text]
        errors = [
            error for text, _, error in figures if text == question.text and error is not None
        ]
        spread = variance(values) if len(values) > 1 else 0.0
        if errors and spread:
            shares[name] = round(fmean(error**2 for error in errors) / spread, 6)
    return shares


def _noisy(noise: "Mapping[str, float]", questions: "Sequence[Question]") -> list[Sentence]:
    """Return the warning that sampling error is much of the differences between the states."""
    if all(share <= _MUCH for share in noise.values()):
        return []
    ids = dict(zip(("x", "y"), (question.id for question in questions), strict=True))
    named = listed([f"{100 * share:.0f} % ({ids[name]})" for name, share in noise.items()])
    return [caveats.MUCH_NOISE(named=named)]
