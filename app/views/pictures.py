"""Pictures of answers: how they are to look, what they are of, and what stands around them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from app import json_bytes
from app.answers.compute import Answer, Answers
from app.answers.descriptions import source
from app.charts.captions import caption
from app.charts.drawer import Drawer
from app.charts.kinds import KINDS
from app.charts.picture import SIZES, Caption
from app.charts.words import ChartWords
from app.datasets.layouts import Layout
from app.datasets.units import Unit
from app.errors import BadRequest
from app.http.query import Query
from app.job import JobRequest
from app.messages import reasons
from app.statistics.in_words.languages import LANGUAGES
from app.statistics.in_words.said import ENGLISH
from app.statistics.statistic import Statistic
from app.statistics.table import Table
from app.version import VERSION
from app.views.formats import CHARTS, TABLES

if TYPE_CHECKING:
    from app.data_ingestor import QuestionTable

LOOK = ("chart", "size", "lang")  # parameters of an address
_PICTURES = ("svg", "png")


class Look(NamedTuple):
    """How a chart is to look: its kind, its size, and its language; None for what suits."""

    chart: str | None = None
    size: str | None = None
    language: str | None = None

    @classmethod
    def of(cls, query: Query, wanted: str) -> "Look":
        """Return what a query asks of a chart in a format; raise BadRequest for what cannot be."""
        if not query.pairs:
            return _ANY
        look = cls(
            query.one_of("chart", KINDS),
            query.one_of("size", tuple(SIZES)),
            query.one_of("lang", tuple(LANGUAGES)),
        )
        for name, value, formats in (
            ("chart", look.chart, tuple(CHARTS)),
            ("size", look.size, _PICTURES),
        ):
            if value is not None and wanted not in formats:
                known = ", ".join(formats)
                raise BadRequest(reasons.GOES_WITH(name=name, formats=known, wanted=wanted))
        # Files of tables have no sentences.
        is_english = look.language == ENGLISH or wanted in TABLES
        return look._replace(language=None) if is_english else look

    @property
    def parameters(self) -> dict[str, str | None]:
        """What asks for it in an address."""
        return {"chart": self.chart, "size": self.size, "lang": self.language}

    def form(self, wanted: str, version: str) -> str:
        """Tell the bytes of an answer that looks so from those of another format.

        Those that another program makes have another form, too, and those of another `version` of
        the dataset: what is drawn and written tells of it beside the answer. Empty for the answer
        itself, as JSON.
        """
        if wanted == "json" and self.language is None:
            return ""
        return "-".join(("", wanted, *(part or "" for part in self), VERSION, version))

    @property
    def parts(self) -> list[str]:
        """What a file's name has of it."""
        return [part for part in self if part is not None]


_ANY = Look()


class Subject(NamedTuple):
    """What a chart is of: a statistic's answer, what was asked, and where the figures are from.

    `questions` are the texts that it is about, of `known` questions by their texts.
    """

    statistic: Statistic[Any]
    table: Table
    parameters: Mapping[str, Any]
    questions: Sequence[str]
    known: Mapping[str, "QuestionTable"]
    unit: Unit
    layout: Layout
    source: str

    @property
    def lower_is_better(self) -> bool | None:
        """Whether low is better than high in its one question; None where nobody knows."""
        directions = [
            self.known[text].question.lower_is_better
            for text in self.questions
            if text in self.known
        ]
        return directions[0] if len(directions) == 1 else None


def subject_of(answers: Answers, request: JobRequest, answer: Answer) -> Subject:
    """Return what the chart of an answer of a dataset is of."""
    statistic, dataset = answers.statistics.find(request.statistic), answers.dataset
    parameters = json_bytes.decode(request.parameters)
    questions = statistic.questions(statistic.parse(parameters, dataset))
    unit = dataset.unit(questions)
    return Subject(
        statistic,
        statistic.table(json_bytes.decode(answer.body), unit),
        parameters,
        questions,
        dataset.tables,
        unit,
        dataset.layout,
        source(answers),
    )


def drawn(wanted: str, look: Look, subject: Subject, drawer: Drawer) -> bytes:
    """Return a chart of an answer, in a format of CHARTS.

    Raises BadRequest for what cannot be drawn so, DrawingError and ShuttingDown.
    """
    # Imported when first drawn: it takes a tenth of a start.
    from app.charts.specs import chart_of

    words = words_of(subject, look.language)
    size = None if look.size is None else SIZES[look.size]
    around = caption_of(subject, words, look.chart)
    spec = chart_of(
        subject.statistic,
        subject.table,
        around,
        words,
        look.chart,
        size,
        lower_is_better=subject.lower_is_better,
    )
    draw = {"svg": drawer.svg, "png": drawer.png}.get(wanted, json_bytes.encode)
    return draw(spec)


def words_of(subject: Subject, language: str | None) -> ChartWords:
    """Return the words of a chart in a language; None for English."""
    layout = subject.layout
    return ChartWords(
        subject.unit, layout.beginning, language or ENGLISH, layout.name, subject.known
    )


def caption_of(subject: Subject, words: ChartWords, kind: str | None = None) -> Caption:
    """Return what stands around a chart, or at the head of a page about its answer."""
    return caption(
        subject.statistic,
        subject.parameters,
        subject.questions,
        subject.table,
        words,
        subject.source,
        kind,
    )
