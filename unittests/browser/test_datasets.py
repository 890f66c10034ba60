"""The page where a server has several datasets: all that it shows is of one of them."""

import re
from collections.abc import Iterator

import pytest

from unittests.browser.conftest import Opens
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


def test_the_others_are_offered(explore: Explore) -> None:
    offered = explore.page.locator("#others")
    expect(offered).to_have_text("Other datasets on this server: course")
    offered.get_by_role("link", name="course").click()
    expect(explore.page.locator("#dataset")).to_contain_text("course: 2 rows, 2020")
    explore.shows({"Ohio": 30.0, "Texas": 32.0})
    expect(offered).to_have_text("Other datasets on this server: release")


def test_any_statistic_is_asked_of_a_dataset_that_is_chosen(explore: Explore) -> None:
    page = explore.page
    explore.tab.open("/ask?statistic=global_mean")
    page.get_by_label("Dataset").select_option(label="release")
    page.locator("#go").click()
    expect(page.locator("#rows")).to_contain_text("40")
    explore.tab.open("/ask?statistic=global_mean")
    page.locator("#go").click()
    expect(page.locator("#rows")).to_contain_text("31")


def options(explore: Explore, label: str) -> list[str]:
    """Return what a field of the page Statistics offers."""
    field = explore.page.get_by_label(label, exact=True)
    return [text for text in field.locator("option").all_inner_texts() if text != "\u2013"]


def test_links_between_pages_keep_the_dataset_of_the_address(explore: Explore) -> None:
    page = explore.page
    explore.open("/?dataset=course")
    page.get_by_role("link", name="Statistics").click()
    expect(page.get_by_label("Dataset")).to_have_value("0")
    assert options(explore, "Dataset")[0] == "course"
    page.get_by_role("link", name="Jobs").click()
    page.get_by_label("Asked about").fill("Ohio")
    page.wait_for_url("**/jobs?dataset=course&text=Ohio")
    page.get_by_role("link", name="Pool").click()
    page.get_by_role("link", name="Explore").click()
    explore.shows({"Ohio": 30.0, "Texas": 32.0})
    page.get_by_role("link", name="Statistics").click()
    page.get_by_role("link", name="Le Stats Sportif").click()
    explore.shows({"Ohio": 30.0, "Texas": 32.0})


def test_another_dataset_is_offered_with_its_names(explore: Explore) -> None:
    page = explore.page
    explore.tab.open("/ask?statistic=ranking")
    footer, dataset = page.locator("#dataset"), page.get_by_label("Dataset")
    expect(footer).to_contain_text("release: 4 rows, 2021")
    assert options(explore, "State") == ["Iowa", "Ohio", "Texas"]
    assert len(options(explore, "Question")) == 2
    page.get_by_label("State", exact=True).select_option(label="Iowa")
    dataset.focus()
    dataset.select_option(label="course")
    expect(footer).to_contain_text("course: 2 rows, 2020")
    expect(dataset).to_be_focused()
    assert options(explore, "Question") == ["Obesity"]
    # What was chosen stays as it was, also where this dataset does not have it.
    assert options(explore, "State") == ["Iowa", "Ohio", "Texas"]
    page.get_by_label("Statistic", exact=True).select_option("best5")
    expect(dataset.locator("option:checked")).to_have_text("course")
    page.get_by_label("Statistic", exact=True).select_option("ranking")
    assert options(explore, "State") == ["Ohio", "Texas"]
    page.get_by_role("link", name="Explore").click()
    explore.shows({"Ohio": 30.0, "Texas": 32.0})


def test_the_footer_tells_of_the_dataset_that_a_statistic_asks(explore: Explore) -> None:
    page = explore.page
    explore.tab.open("/ask?statistic=global_mean")
    expect(page.locator("#dataset")).to_contain_text("course: 2 rows, 2020")
    assert options(explore, "Question") == ["Obesity"]
    page.get_by_label("Statistic", exact=True).select_option("ranking")
    expect(page.locator("#dataset")).to_contain_text("release: 4 rows, 2021")
    page.get_by_role("link", name="Explore").click()
    page.wait_for_url("**/")  # nobody has chosen a dataset


def test_a_link_to_a_dataset_that_is_not_served_says_so(explore: Explore) -> None:
    explore.tab.open("/ask?dataset=mine")
    expect(explore.page.locator("#message")).to_have_text(
        "The link asks for the dataset “mine”, which this server does not have."
    )
    expect(explore.page.locator("#dataset")).to_contain_text("course: 2 rows")


@pytest.mark.parametrize(
    ("page", "place"), [("", "#link-message"), ("ask", "#message"), ("jobs", "#dataset")]
)
def test_a_link_to_a_dataset_leads_to_the_one_that_was_perhaps_meant(
    opens: Opens, server: Server, page: str, place: str
) -> None:
    tab = opens(f"{server.url}/{page}?dataset=cuorse")
    tab.expects("status of 400")
    told = tab.page.locator(place)
    expect(told).to_have_text(
        "The link asks for the dataset “cuorse”, which this server does not have. Perhaps “course”?"
    )
    told.get_by_role("link").click()
    tab.page.wait_for_url(re.compile(rf"/{page}\?dataset=course"))
    expect(tab.page.locator("#dataset")).to_contain_text("course: 2 rows")
