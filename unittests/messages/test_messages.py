"""Sentences in both languages: each is read back from its English, and has a Romanian one."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from app import errors
from app.charts.words import source_in
from app.datasets import provenance
from app.datasets.layouts import LAYOUTS
from app.messages import caveats, reasons
from app.messages.catalogue import MESSAGES, READING
from app.messages.message import SENTENCE, YEARS, Message
from app.messages.reading import counted
from app.statistics.in_words.said import said_in
from app.statistics.parameters import body_model
from unittests.helpers.registry import COURSE_STATISTICS, TABLE_STATISTICS

ALL_STATISTICS = COURSE_STATISTICS | TABLE_STATISTICS
APP = Path(errors.__file__).parent
# What stands in a place of a sentence where the kind of it does not tell.
SAMPLE = "21"


def example(message: Message) -> str:
    """Return a sentence in which each place is filled in."""
    of_kind = {YEARS: "2011-2019, 2021", SENTENCE: ""}
    return message(**{name: of_kind.get(kind, SAMPLE) for name, kind in message.kinds.items()})


def test_each_sentence_has_a_romanian_one_with_the_same_figures() -> None:
    for message in MESSAGES:
        told = example(message)
        said = said_in("ro", told)
        assert said != told or message.english.startswith("{questions}: "), told
        assert not re.search(r"[{}|]", re.sub(r'\{"[^}]*\}', "", said)), said
        assert not re.search("[şţŞŢ]", said), said  # with cedillas: Romanian has commas
        places = set(re.findall(r"(?<!\{)\{(\w+)", message.romanian))
        # Whom a layout calls everyone is told in other words.
        assert set(message.kinds) - places <= {"everyone", "whom"}, told
        assert places <= set(message.kinds), told


def test_no_sentence_is_taken_for_another() -> None:
    assert len({message.english for message in MESSAGES}) == len(MESSAGES)
    for message in MESSAGES:
        assert message.weight, message  # else it would be any sentence


def test_what_is_no_sentence_of_the_program_stays_as_it_is() -> None:
    assert said_in("ro", "Something else: 3 of 4.") == "Something else: 3 of 4."
    assert said_in("en", "shutting down") == "shutting down"


def test_a_number_with_its_noun() -> None:
    for number, written in (
        ("0", "0 rânduri"),
        ("1", "1 rând"),
        ("2", "2 rânduri"),
        ("19", "19 rânduri"),
        ("20", "20 de rânduri"),
        ("100", "100 de rânduri"),
        ("101", "101 rânduri"),
        ("1.120", "1.120 de rânduri"),
    ):
        assert counted(number, "rând", "rânduri") == written, number


def test_one_is_said_in_the_singular() -> None:
    assert caveats.IMPOSSIBLE_ROWS(rows=1, named="x") == "1 row is left out as impossible: x."
    assert caveats.IMPOSSIBLE_ROWS(rows=21, named="x") == "21 rows are left out as impossible: x."
    assert caveats.FIRST_ROWS(shown=1, found=55) == "Only 1 row is here, the first of 55."
    few = caveats.BY_CHANGE_FEW(few=1, all=1, fewest=4)
    assert few.startswith("In 1 place (of 1), direction is told by")
    assert said_in("ro", few).startswith("În 1 loc (din 1), direcția")
    assert reasons.TOOK_TOO_LONG(seconds=1) == "the job took longer than 1 second"


def test_names_and_figures_within_a_sentence() -> None:
    assert said_in(
        "ro", "Made of some strata alone, so compare them with care: National (4 of 8) and Ohio."
    ).endswith("de comparat cu prudență: Statele Unite (4 din 8) și Ohio.")
    withheld = "Withheld in 2021, for too small a sample of the stratum: {}."
    many = said_in("ro", withheld.format("Guam, South Dakota and 1,200 more"))
    assert many == (
        "Reținute în 2021, căci din grup au fost întrebați prea puțini oameni: Guam, Dakota de Sud "
        "și încă 1.200."
    )
    tied = said_in("ro", "Only 2 states have both: fewer than 4 tell nothing.")
    assert tied.startswith("Numai 2 state au ambele")
    one = said_in("ro", "Only 1 state has both: fewer than 4 tell nothing.")
    assert one.startswith("Numai 1 stat are ambele")


def test_sentences_within_others() -> None:
    for english, romanian in (
        (
            'unknown state "Ohoi"; nearest: "Ohio", "Iowa"',
            "statul „Ohoi” nu se cunoaște; cele mai apropiate: „Ohio”, „Iowa”",
        ),
        (
            'unknown question "the "best" state"',
            'întrebarea „the "best" state” nu se cunoaște',
        ),
        (
            'unknown dataset "nope"; known: course, release',
            "setul de date „nope” nu se cunoaște; se cunosc: course, release",
        ),
        (
            "this dataset has no estimates of Q045 for National and others to compare it with",
            "acest set de date nu are estimări la Q045 pentru Statele Unite și pentru altele cu "
            "care să se compare",
        ),
        (
            "job_id_7 failed, so no rows went into it: this dataset has no estimates of Q036 for "
            "states in each stratum of age",
            "job_id_7 a eșuat, deci niciun rând nu a intrat în el: acest set de date nu are "
            "estimări la Q036 pentru state în fiecare grupă de vârstă",
        ),
        (
            'job_id_7 failed, so no rows went into it: Guam has no estimates for "Q" within '
            "2011-2022",
            "job_id_7 a eșuat, deci niciun rând nu a intrat în el: Guam nu are estimări la „Q” "
            "între 2011 și 2022",
        ),
    ):
        assert said_in("ro", english) == romanian, english


def test_where_figures_are_from() -> None:
    for english, romanian in (
        (
            "the course's subset of CDC's release hn4x-zwk7 of 2011-2022 (public domain)",
            "subsetul cursului din versiunea hn4x-zwk7 a CDC pentru 2011-2022 (domeniu public)",
        ),
        (
            "CDC's release hn4x-zwk7 of September 2025 (public domain)",
            "versiunea hn4x-zwk7 a CDC din septembrie 2025 (domeniu public)",
        ),
        (
            "CDC's release hn4x-zwk7 or v7s8-x4te (public domain)",
            "versiunea hn4x-zwk7 sau v7s8-x4te a CDC (domeniu public)",
        ),
        (
            "odd.csv (another survey in CDC's columns: who was asked, and how, is not known); "
            "where the file is from is not known",
            "odd.csv (alt sondaj în coloanele CDC: nu se știe cine a fost întrebat și cum); nu se "
            "știe de unde provine fișierul",
        ),
    ):
        assert source_in("ro", english) == romanian, english
        assert source_in("en", english) == english, english


def test_the_source_of_the_courses_file_has_both_languages() -> None:
    assert READING.knows(provenance.source(provenance.BUNDLED_SHA256, None)["name"])


def test_what_is_known_of_each_layout_has_both_languages() -> None:
    for layout in LAYOUTS.values():
        told = [one.what for one in layout.breaks]
        told += [one.what for one in layout.alternations]
        told += [one.what for one in layout.recodings]
        told += [known.debatable for known in layout.questions.values() if known.debatable]
        assert set(told) <= set(MESSAGES)
        assert READING.knows(layout.title)


def described() -> Iterator[str]:
    """Yield what is told of statistics, and of each parameter."""

    def descriptions(schema: Any) -> Iterator[str]:
        if isinstance(schema, dict):
            if isinstance(text := schema.get("description"), str):
                yield text
            for part in schema.values():
                yield from descriptions(part)
        elif isinstance(schema, list):
            for part in schema:
                yield from descriptions(part)

    for statistic in ALL_STATISTICS.values():
        yield from (statistic.title, statistic.summary)
        yield from descriptions(msgspec.json.schema(body_model(statistic.parameters)))


def test_what_is_told_of_statistics_has_both_languages() -> None:
    assert not [text for text in described() if not READING.knows(text)]


def test_what_a_parameter_must_be_has_both_languages() -> None:
    from app.statistics.parameters import expected

    fields = [
        field
        for statistic in ALL_STATISTICS.values()
        for field in msgspec.structs.fields(body_model(statistic.parameters))
    ]
    assert not [text for one in fields if not READING.knows(text := expected(one.type))]


# Errors that say why a request is refused; those that no Romanian reader of the page meets say it
# in English: of a server that is not set up, or of a program that talks to Redis.
REFUSALS = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.StatsError)
} - {"StartError", "SettingsError", "DatasetError", "ResultsFolderError", "RedisMissing"}
REFUSALS -= {"DownloadError", "WrongDownload", "StoreUnavailable", "StorageError", "DiskFull"}
OUTSIDE = {"cli", "client", "download", "grade", "prepare", "messages"}


def test_each_refusal_is_made_of_a_sentence_in_both_languages() -> None:
    # To parse all of the program takes a second and a half: this finds what looks like such a call.
    like_one = re.compile(rf"\b({'|'.join(REFUSALS)})\([\s(]*(\w{{0,2}}[\"']|\d|None|True|False)")
    sources = {
        path: path.read_text(encoding="utf-8")
        for path in APP.rglob("*.py")
        if path.relative_to(APP).parts[0] not in OUTSIDE
    }
    written = [
        f"{path.relative_to(APP)}:{call.lineno}"
        for path, source in sources.items()
        if like_one.search(source)
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", None) in REFUSALS
        and call.args
        and isinstance(call.args[0], ast.JoinedStr | ast.Constant)
    ]
    assert not written  # use a message of app/messages/reasons.py


def test_errors_that_say_the_same_each_time_have_both_languages() -> None:
    alike = [errors.UnknownJob(), errors.ExpiredJob(), errors.LostJob(), errors.KeyReused()]
    alike += [errors.QueueFull(7), errors.ShuttingDown(), errors.Closed()]
    assert not [str(error) for error in alike if not READING.knows(str(error))]
