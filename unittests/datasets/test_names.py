"""Names are found as people and their keyboards write them."""

from typing import Literal
from unicodedata import normalize

import pytest

from app.datasets.names import NameIndex
from app.errors import UnknownName


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_accents_may_be_composed_or_not(form: Literal["NFC", "NFD"]) -> None:
    index = NameIndex("place")
    for name in ("Côte-d'Or", normalize("NFD", "Nîmes")):
        index.add(name, name)
        assert index.find(normalize(form, f" {name.upper()} ")) == name
    with pytest.raises(UnknownName) as refusal:
        index.find(normalize(form, "Côte-d'Ore"))
    assert refusal.value.nearest == ("Côte-d'Or",)


def test_whether_a_name_is_known_is_told_without_a_look_for_the_nearest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.datasets.names.SequenceMatcher", None)
    index = NameIndex("state")
    index.add("OH", "Ohio")
    assert " oh " in index
    assert "Ohia" not in index


def test_the_accents_of_a_text_that_is_no_name_are_not_put_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    composed: list[int] = []

    def compose(form: Literal["NFC"], text: str) -> str:
        composed.append(len(text))
        return normalize(form, text)

    monkeypatch.setattr("app.datasets.names.normalize", compose)
    index = NameIndex("place")
    index.add("Nîmes", "Nîmes")
    for marks in (10, 100_000):
        with pytest.raises(UnknownName):
            index.find("a" + "\u0315\u0300" * marks)
    assert max(composed) < 1000
