"""The page where a server has several datasets: all that it shows is of one of them."""

from collections.abc import Iterator

import pytest

from unittests.browser.explore import Explore, asked_by
from unittests.browser.playwrights import expect
from unittests.helpers.catalogue import as_arguments, two_files
from unittests.helpers.server import Server, running_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("two")
    with running_server(folder, *as_arguments(two_files(folder))) as server:
        yield server


def test_all_that_is_shown_is_of_the_release(explore: Explore) -> None:
    expect(explore.page.locator("#dataset")).to_contain_text("release: 4 rows, 2021")
    explore.shows({"Iowa": 36.0, "Ohio": 40.0, "Texas": 44.0})
    assert "dataset" not in asked_by(explore.command())  # it is the one that is asked anyway


def test_the_address_may_name_another_one(explore: Explore) -> None:
    explore.open("/?dataset=course")
    expect(explore.page.locator("#dataset")).to_contain_text("course: 2 rows, 2020")
    explore.shows({"Ohio": 30.0, "Texas": 32.0})
    assert asked_by(explore.command())["dataset"] == ["course"]
    assert explore.address().startswith("/?dataset=course&")  # a link shows what it showed


def test_any_statistic_is_asked_of_a_dataset_that_is_chosen(explore: Explore) -> None:
    page = explore.page
    explore.tab.open("/ask?statistic=global_mean")
    page.get_by_label("Dataset").select_option(label="release")
    page.locator("#go").click()
    expect(page.locator("#rows")).to_contain_text("40")
    explore.tab.open("/ask?statistic=global_mean")
    page.locator("#go").click()
    expect(page.locator("#rows")).to_contain_text("31")
