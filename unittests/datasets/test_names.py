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
