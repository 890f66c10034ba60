"""What is asked, in a sentence of another language than English.

A statistic has the English sentence itself; here is the Romanian one of each.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from app.datasets.layouts import BRFSS, Layout
from app.datasets.places import named
from app.datasets.strata import TOTAL
from app.datasets.years import runs_of, span
from app.statistics.in_words.language import Language
from app.statistics.in_words.languages import LANGUAGES
from app.statistics.in_words.said import ENGLISH
from app.statistics.parameters import Parameters, as_json
from app.statistics.statistic import Statistic

if TYPE_CHECKING:
    from app.data_ingestor import DataIngestor

Asked = Mapping[str, Any]

_LATEST = "în ultimul an"
_GROUPS = MappingProxyType(
    {
        "question": "întrebare",
        "topic": "temă",
        "state": "stat",
        "year": "an",
        "category": "categorie",
        "stratum": "grup",
    }
)
# What stands before one and before several, and what the names are of.
_KEPT = MappingProxyType(
    {
        "topic": ("la tema", "la temele", "topics"),
        "category": ("pentru categoria", "pentru categoriile", "categories"),
        "stratum": ("pentru grupul", "pentru grupurile", "strata"),
    }
)
_METHODS = MappingProxyType(
    {
        "overall": "",
        "national": ", pentru Statele Unite în întregime",
        "mean": ", ca medie simplă",
        "median": ", ca mediană",
        "sample_weighted": ", ponderată după câți au fost întrebați",
        "inverse_variance": ", ponderată după precizie",
    }
)
_COURSE = MappingProxyType(
    {
        "states_mean": "Media fiecărui stat, de la cea mai mică, la {question}",
        "state_mean": "Media pentru {state}, la {question}",
        "best5": "Cele mai bune cinci state, cel mai bun întâi, la {question}",
        "worst5": "Cele mai slabe cinci state, cel mai slab întâi, la {question}",
        "global_mean": "Media tuturor statelor, la {question}",
        "diff_from_mean": "Cu cât este media fiecărui stat sub media tuturor statelor, la "
        "{question}",
        "state_diff_from_mean": "Cu cât este media pentru {state} sub media tuturor statelor, la "
        "{question}",
        "mean_by_category": "Media fiecărui grup din fiecare stat, la {question}",
        "state_mean_by_category": "Media fiecărui grup din {state}, la {question}",
    }
)


class _Romanian:
    """Romanian words for what is asked of a dataset; of one that is not served, for its layout."""

    def __init__(self, language: Language, dataset: "DataIngestor | None", layout: Layout) -> None:
        self._language = language
        self._dataset = dataset
        self._layout = layout

    def share(self, text: str) -> str:
        """Return what a question measures, as a noun."""
        phrases, table = self._language.phrases, None
        if self._dataset is not None and self._layout.name == BRFSS.name:
            table = self._dataset.tables.get(text)
        did = self._language.did.get(table.question.id) if table else None
        if did is None:
            return phrases["quantity"].format(text=text)
        return phrases["share"].format(did=did)

    def question(self, text: str) -> str:
        """Return a question by its short name, in quotes."""
        table = None if self._dataset is None else self._dataset.tables.get(text)
        if table is None:
            return f"„{text}”"
        own = table.question
        return f"„{self._language.short_name(own.id, own.short_name, self._layout.name)}”"

    def listed(self, names: Sequence[str]) -> str:
        """Return names as `Guam, Iowa și Ohio`."""
        return self._language.listed(names)

    def places(self, names: str | Sequence[str] | None) -> str:
        """Return places, listed; empty for none."""
        given = [names] if isinstance(names, str) else list(names or ())
        return self.listed([self._language.place(name) for name in given])

    def years(self, years: Sequence[int]) -> str:
        """Return in which years."""
        return f"în {self.listed(runs_of(years))}"

    def group(self, stratum: str) -> str:
        """Return a stratum, in quotes."""
        return self._language.quoted("strata", stratum, self._layout.name)

    def category(self, name: str) -> str:
        """Return a category, in quotes."""
        return self._language.quoted("categories", name, self._layout.name)

    def whom(self, stratum: str | None) -> str:
        """Return whom a stratum is about."""
        if stratum not in (None, TOTAL):
            return f"în grupul {self.group(str(stratum))}"
        everyone = self._language.called("strata", TOTAL, self._layout.name)
        return f"la {everyone[0].lower()}{everyone[1:]}"

    def kept(self, name: str, value: Any) -> str:
        """Return what rows of a query are kept, by a column."""
        match name, value:
            case "year", {"from": first, "to": last} if first and last:
                return f"în {span(first, last)}"
            case "year", {"from": first, "to": last}:
                return f"din {first}" if first else f"până în {last}"
            case "year", years:
                return self.years([years] if isinstance(years, int) else years)
            case "state", names:
                return f"în {self.places(names)}"
        texts = [value] if isinstance(value, str) else value
        one, several, kind = _KEPT[name]
        called = [self._language.quoted(kind, text, self._layout.name) for text in texts]
        return f"{several if len(texts) > 1 else one} {self.listed(called)}"


def _year(asked: Asked, latest: str = _LATEST) -> str:
    return latest if asked.get("year") is None else f"în {asked['year']}"


def _adjusted(asked: Asked) -> str:
    return ", cu standardizare după vârstă" if asked.get("adjust") else ""


def _query(asked: Asked, words: _Romanian) -> str:
    texts = asked.get("question") or ()
    shares = [words.share(text) for text in ([texts] if isinstance(texts, str) else texts)]
    what = words.listed(shares) or "răspunsul la fiecare întrebare"
    parts = [f"{'Care sunt' if len(shares) > 1 else 'Care este'} {what}"]
    groups = asked.get("group_by") or ()
    if groups:
        parts.append(f"după {words.listed([_GROUPS[name] for name in groups])}")
    where = {name: value for name, value in (asked.get("where") or {}).items() if value is not None}
    parts += [words.kept(name, value) for name, value in where.items()]
    if "year" not in where and "year" not in groups:
        parts.append(_LATEST)
    return f"{' '.join(parts)}{_METHODS[asked['method']]}{_adjusted(asked)}?"


def _trend(asked: Asked, words: _Romanian) -> str:
    years = asked.get("years")
    if isinstance(years, Mapping):
        first, last = years.get("from"), years.get("to")
        when = (f" din {first}" if first else "") + (f" până în {last}" if last else "")
    else:
        when = f" {words.years(years)}" if years else ""
    where = words.places(asked.get("state")) or "fiecare stat"
    return (
        f"Cum s-a schimbat {words.share(asked['question'])} în {where}"
        f"{when or ' de-a lungul anilor'}, {words.whom(asked.get('stratum'))}?"
    )


def _change(asked: Asked, words: _Romanian) -> str:
    years = asked.get("years") or {}
    where = words.places(asked.get("state")) or "fiecare stat"
    first = years.get("from") or "primul an care se poate compara"
    last = years.get("to") or "ultimul"
    return (
        f"Cu cât s-a schimbat {words.share(asked['question'])} în {where} din {first} până în "
        f"{last}, {words.whom(asked.get('stratum'))}{_adjusted(asked)}, și cât de sigur este asta?"
    )


def _ranking(asked: Asked, words: _Romanian) -> str:
    own = f", și cel pentru {words.places(asked['state'])} în parte" if asked.get("state") else ""
    return (
        f"Cum se clasează statele după {words.share(asked['question'])} {_year(asked)}, "
        f"{words.whom(asked.get('stratum'))}{_adjusted(asked)}, și cât de sigure sunt "
        f"locurile{own}?"
    )


def _disparity(asked: Asked, words: _Romanian) -> str:
    reference = asked.get("reference") or TOTAL
    against = "cel care stă cel mai bine" if reference == "best" else words.group(reference)
    return (
        f"Cât de departe este fiecare grup din {words.category(asked['category'])} de {against} în "
        f"{words.share(asked['question'])} în {words.places(asked['state'])} {_year(asked)}?"
    )


def _inequality(asked: Asked, words: _Romanian) -> str:
    return (
        f"Cât de inegale sunt grupurile din {words.category(asked['category'])} în "
        f"{words.share(asked['question'])} în {words.places(asked['state'])} {_year(asked)}?"
    )


def _compare(asked: Asked, words: _Romanian) -> str:
    if asked.get("states"):
        first, second = map(words.places, asked["states"])
        whom = words.whom(asked.get("stratum"))
    else:
        first, second = map(words.group, asked["strata"])
        whom = f"în {words.places(asked['state'])}"
    when = _year(asked, "în ultimul an pe care îl au ambele")
    return f"Cum diferă {first} de {second} la fiecare întrebare {when}, {whom}{_adjusted(asked)}?"


def _against(asked: Asked, words: _Romanian) -> str:
    what, state = words.share(asked["question"]), words.places(asked["state"])
    if asked["others"] == "strata":
        return (
            f"Cum diferă grupul {words.group(asked['stratum'])} de fiecare dintre celelalte "
            f"grupuri în {what} {_year(asked)}, în {state}?"
        )
    one = named(asked["state"])
    others = "celelalte state" if one is not None and one.kind == "state" else "state"
    if asked["others"] == "places":
        others = "celelalte locuri"
    when = _year(asked, "în ultimul an pe care îl au ambele")
    whom = words.whom(asked.get("stratum"))
    return f"Cum diferă {state} de fiecare dintre {others} în {what} {when}, {whom}?"


def _correlation(asked: Asked, words: _Romanian) -> str:
    x, y = map(words.share, asked["questions"])
    when = _year(asked, "în ultimul an pe care îl au ambele")
    return f"Cum merg împreună {x} și {y} între state {when}, {words.whom(asked.get('stratum'))}?"


_ASKED: Mapping[str, Callable[[Asked, _Romanian], str]] = MappingProxyType(
    {
        "query": _query,
        "trend": _trend,
        "change": _change,
        "ranking": _ranking,
        "disparity": _disparity,
        "inequality": _inequality,
        "compare": _compare,
        "against": _against,
        "correlation": _correlation,
    }
)


def asked_in(
    language: str,
    statistic: Statistic[Any],
    parameters: Parameters,
    layout: Layout,
    dataset: "DataIngestor | None",
) -> str:
    """Return what is asked of a statistic, in a language by its code.

    `dataset` is None where it is not served any more. A statistic that has no other language says
    it in English.
    """
    asked = as_json(parameters)
    words = _Romanian(LANGUAGES[language], dataset, layout)
    if language != ENGLISH and statistic.name in _COURSE:
        state = words.places(asked.get("state"))
        return _COURSE[statistic.name].format(
            question=words.question(asked["question"]), state=state
        )
    if language != ENGLISH and statistic.name in _ASKED:
        return _ASKED[statistic.name](asked, words)
    return statistic.sentence(parameters, layout)
