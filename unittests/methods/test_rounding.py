"""One rounding for people: of the decimals that one reads, halves away from zero."""

from app.charts.words import ChartWords
from app.cli.cells import cell
from app.datasets.units import PERCENT, Unit
from app.methods.rounding import shown
from app.statistics.in_words.languages import LANGUAGES
from app.statistics.in_words.words import Words


def test_a_number_is_rounded_by_its_decimals() -> None:
    for value, text in (
        (23.65, "23.7"),
        (2.25, "2.3"),
        (-2.25, "-2.3"),
        (32.849999, "32.8"),
        (-0.04, "0.0"),
        (40, "40.0"),
        (1e22, "10000000000000000000000.0"),
    ):
        assert str(shown(value, 1)) == text, value


def test_sentences_pictures_and_tables_round_alike() -> None:
    words = Words(LANGUAGES["en"], None, Unit(*[PERCENT] * 6))  # type: ignore[arg-type]
    number = ChartWords(Unit(*[PERCENT] * 6), "").number
    assert words.number(23.65) == number(23.65) == cell("value", 23.65, 1) == "23.7"
    assert words.number(-5.0) == number(-5.0) == "\u22125.0"
    assert number(0.25, sign=True) == "+0.3"
    assert number(-0.04, sign=True) == "0.0"
