"""What assistants can ask, answered in this process: what there is to ask, and each statistic."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from app import json_bytes
from app.answers.addresses import address_of
from app.answers.catalogue import Catalogue
from app.answers.compute import Answers
from app.answers.discovery import categories, questions, states
from app.data_ingestor import DataIngestor, read_datasets
from app.errors import BadRequest
from app.mcp.settings import McpSettings
from app.mcp.told_apart import cannot_be_told_apart
from app.messages import reasons
from app.statistics.parameters import DATASET, body_model
from app.statistics.registry import Registry
from app.statistics.statistic import Statistic

# An assistant reads every row of an answer, and pays for it.
_MOST_ROWS = 200
_MOST_NAMED = 5


def input_schema(statistic: Statistic[Any]) -> dict[str, Any]:
    """Return the JSON schema of what a statistic is asked: an object, as the protocol wants it."""
    schema = msgspec.json.schema(body_model(statistic.parameters))
    definitions: dict[str, Any] = schema.pop("$defs")
    own: dict[str, Any] = definitions.pop(schema.pop("$ref").rpartition("/")[2])
    return {**own, "$defs": definitions} if definitions else own


class Answering:
    """Answers what assistants ask of some datasets. Its methods may be called on any thread.

    They raise BadRequest, whose text says what cannot be asked, with the nearest known names.
    """

    def __init__(self, settings: McpSettings, statistics: Registry) -> None:
        """Read the datasets; raise DatasetError where one cannot be used."""
        self.statistics = statistics
        self._base = f"{settings.url}/api/answers/"
        log = logging.getLogger("app.mcp")
        datasets = read_datasets(settings.data)
        self._catalogue = Catalogue(
            settings.data, datasets, statistics, settings.cache * 2**20, log
        )
        self.datasets = tuple(datasets)

    def questions(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the questions of a dataset: how to name them, their unit, and their years."""
        keys = ("id", "short_name", "text", "topic", "direction", "unit", "years", "periods")
        return self._listed("questions", questions, keys, body)

    def places(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the places of a dataset."""
        return self._listed("places", states, ("name", "abbreviation", "kind"), body)

    def categories(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return what people of a dataset are told apart by, and their strata."""
        return self._listed("categories", categories, ("name", "strata", "overlap"), body)

    def _listed(
        self,
        what: str,
        list_all: Callable[[DataIngestor], list[dict[str, Any]]],
        keys: tuple[str, ...],
        body: Mapping[str, Any],
    ) -> dict[str, Any]:
        unknown = next((key for key in body if key != DATASET), None)
        if unknown is not None:
            raise BadRequest(reasons.UNKNOWN_KEY_OF_ONE(key=unknown[:100], known=f'"{DATASET}"'))
        answers = self._catalogue.named(body.get(DATASET), self._catalogue.release)

        def make() -> bytes:
            found = list_all(answers.dataset)
            return json_bytes.encode([{key: one[key] for key in keys} for one in found])

        return {
            DATASET: answers.name,
            "datasets": self.datasets,
            what: json_bytes.decode(answers.describe(f"mcp {what}", make)),
        }

    def answer(self, statistic: Statistic[Any], body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer in a sentence, as a table, with what to beware of, and its address."""
        answers, asked = self._catalogue.chosen(statistic, body)
        request = answers.request(statistic, asked)
        parameters = statistic.parse(json_bytes.decode(request.parameters), answers.dataset)
        unit = answers.dataset.unit(statistic.questions(parameters))
        content = json_bytes.decode(answers.answer(request).body)
        table = statistic.table(content, unit)
        about, layout = table.about, answers.dataset.layout
        told = about.get("asked") or statistic.sentence(parameters, layout)
        rows = table.rows[:_MOST_ROWS]
        address = self._base + address_of(request, answers)
        left_out = len(table.rows) - len(rows)
        return {
            "answer": about.get("answer") or _plain(told, table.rows),
            "cannot_be_told_apart": cannot_be_told_apart(
                table, json_bytes.decode(request.parameters)
            ),
            "asked": told,
            "columns": {one.name: one.meaning for one in table.columns},
            "rows": rows,
            "rows_left_out": f"{left_out} more rows are at the address" if left_out else None,
            "limits": _limits(about, [one.name for one in table.columns]),
            "warnings": about.get("warnings", []),
            "years": about.get("years") or statistic.years,
            "method": about.get("method") or statistic.method(parameters, layout),
            "source": _source(answers),
            "address": address,
        }


def _plain(asked: str, rows: Any) -> str:
    """Return the first rows of an answer that has no sentence of its own, behind what was asked."""
    named = [": ".join(str(cell) for cell in row) for row in rows[:_MOST_NAMED]]
    more = f"; and {len(rows) - len(named)} more" if len(rows) > len(named) else ""
    return f"{asked}: {'; '.join(named)}{more}."


def _limits(about: Mapping[str, Any], columns: list[str]) -> str:
    """Return which columns are confidence limits, in words."""
    ends = [name for name in columns if name in ("low", "high") or name.endswith(("_low", "_high"))]
    if "confidence" not in about or not ends:
        return "This answer has no confidence limits."
    return f"{about['confidence']:.0%} confidence limits: {', '.join(ends)}; null where not known."


def _source(answers: Answers) -> str:
    from app.answers.descriptions import source

    return source(answers)
