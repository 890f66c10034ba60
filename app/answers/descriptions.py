"""What a job asks, in words and as a body that asks the same."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app import json_bytes
from app.answers.catalogue import Catalogue
from app.answers.compute import Answers
from app.data_ingestor import DataIngestor
from app.datasets.layouts import Layout
from app.datasets.places import short
from app.datasets.provenance import source_of
from app.datasets.units import Unit, unit_of
from app.errors import BadRequest
from app.job import Done, Job, JobRequest
from app.messages import reasons, sources
from app.statistics.in_words.asked import asked_in
from app.statistics.in_words.languages import LANGUAGES
from app.statistics.in_words.said import ENGLISH, said_in
from app.statistics.parameters import DATASET, read
from app.statistics.registry import Registry
from app.statistics.statistic import Statistic

_UNKNOWN = reasons.UNKNOWN_FORM()


def body_of(job: Job, catalogue: Catalogue) -> dict[str, Any]:
    """Return the body that asks the same; it names a dataset that is not asked by default."""
    given: dict[str, Any] = json_bytes.decode(job.request.parameters)
    body = {name: value for name, value in given.items() if value not in (None, [], {})}
    statistic = catalogue.statistics.get(job.request.statistic)
    name = catalogue.name_of(job)
    if statistic is None or catalogue.default(statistic).name != name:
        body[DATASET] = name
    return body


def sentence(job: Job, catalogue: Catalogue, language: str = ENGLISH) -> str:
    """Return what a job asks, in a language by its code."""
    answers = catalogue.of_job(job)
    dataset = None if answers is None else answers.dataset
    layout = catalogue.layout_of(job)
    return _asked(job.request, catalogue.statistics, language, layout, dataset)


def sentence_of(request: JobRequest, answers: Answers, language: str) -> str:
    """Return what is asked of a dataset, in a language by its code."""
    dataset = answers.dataset
    return _asked(request, answers.statistics, language, dataset.layout, dataset)


def _asked(
    request: JobRequest,
    statistics: Registry,
    language: str,
    layout: Layout,
    dataset: DataIngestor | None,
) -> str:
    found = _read(request, statistics)
    if found is None:
        return said_in(language, _UNKNOWN)
    return asked_in(language, *found, layout, dataset)


def method(job: Job, catalogue: Catalogue) -> str:
    """Return how a job is answered, in a sentence or two."""
    found = _read(job.request, catalogue.statistics)
    if found is None:
        return _UNKNOWN
    statistic, parameters = found
    return statistic.method(parameters, catalogue.layout_of(job))


def questions_of(request: JobRequest, statistics: Registry) -> Sequence[str]:
    """Return the texts of the questions that are asked for; none where it is about all."""
    found = _read(request, statistics)
    return () if found is None else found[0].questions(found[1])


def unit(job: Job, catalogue: Catalogue) -> Unit:
    """Return the unit of the values that a job asks for, in words."""
    answers = catalogue.of_job(job)
    if answers is None:
        return unit_of(catalogue.layout_of(job), ())
    found = _read(job.request, catalogue.statistics)
    return answers.dataset.unit(found[0].questions(found[1]) if found else ())


def source_line(job: Job, catalogue: Catalogue) -> str:
    """Return where the figures of a job's answer are from, in a line."""
    answers: Answers | None = catalogue.of_job(job)
    if isinstance(job.end, Done):
        answers = catalogue.of_version(job.end.dataset)
    return sources.NOT_SERVED() if answers is None else source(answers)


def source(answers: Answers) -> str:
    """Return where the figures of a dataset are from, in a line."""
    dataset = answers.dataset
    name: str | None = source_of(dataset.files, dataset.notes())["name"]
    return name or sources.UNKNOWN_FILE(file=dataset.file, title=dataset.source)


def words(request: JobRequest, catalogue: Catalogue) -> str:
    """Return what a job may be found by: all that it names, as it may be called, in a line each."""
    answers = catalogue.answers.get(request.dataset) or catalogue.course
    named = list(_named(json_bytes.decode(request.parameters)))
    asked = [sentence_of(request, answers, language) for language in LANGUAGES]
    found = [request.statistic, request.dataset, *asked, *named, *map(short, named)]
    for name in named:
        if name in answers.dataset.tables:
            question = answers.dataset.tables[name].question
            layout = answers.dataset.layout.name
            found += [question.id, question.short_name]
            found += [
                language.short_name(question.id, question.short_name, layout)
                for language in LANGUAGES.values()
            ]
    return "\n".join(found)


def _read(request: JobRequest, statistics: Registry) -> tuple[Statistic[Any], Any] | None:
    """Return a statistic and its parameters as they were recorded, whatever the dataset is now.

    None where another version recorded what this one cannot read: a page of jobs must not fail for
    one of them.
    """
    statistic = statistics.get(request.statistic)
    if statistic is None:
        return None
    try:
        parameters = read(statistic.parameters, json_bytes.decode(request.parameters))
    except BadRequest:
        return None
    return statistic, parameters


def short_name(text: str, answers: Answers) -> str:
    """Return the short name of a question; its text, where there is none."""
    tables = answers.dataset.tables
    return tables[text].question.short_name if text in tables else text


def _named(body: Any) -> Iterator[str]:
    if isinstance(body, str):
        yield body
    elif isinstance(body, Mapping):
        yield from _named(list(body.values()))
    elif isinstance(body, list):
        for one in body:
            yield from _named(one)
