"""Explore shows nothing that is not so: of another dataset, of another question, of no estimate."""

from functools import partial
from pathlib import Path

import requests

from unittests.browser.conftest import Opens
from unittests.browser.explore import ABOUT_STATES, Explore, asked, rounded
from unittests.browser.playwrights import expect
from unittests.helpers.rows import row, write
from unittests.helpers.server import Server, box_server, running_server
from unittests.helpers.waiting import PATIENCE


def test_what_cdc_withholds_is_no_estimate_of_a_group(opens: Opens, tmp_path: Path) -> None:
    ohio = partial(row, "Ohio", year=2011, until=2022)
    male = ohio(29.0, category="Gender", stratum="Male")
    asian = ohio(31.0, category="Race/Ethnicity", stratum="Asian", filled=True)
    rows = [ohio(30.0), male, asian]
    path = write(rows, tmp_path / "data.csv")
    with running_server(tmp_path, "--data", str(path)) as server:
        explore = Explore(opens(f"{server.url}/?state=OH")).drawn()
        groups = explore.page.locator('#strata .chart [aria-label^="Asian: "]')
        expect(groups).to_have_attribute("aria-label", "Asian: withheld by CDC")
        explore.choose(statistic="mean").drawn()
        expect(groups).to_have_attribute("aria-label", "Asian: 31.0 %, 30.0 to 32.0")
        groups.hover()
        expect(explore.page.locator("#tip")).to_contain_text("constant")


def test_a_tip_counts_constants_only_where_the_number_is_made_of_them(
    opens: Opens, tmp_path: Path
) -> None:
    ohio = partial(row, "Ohio", year=2011, until=2022)
    male = partial(ohio, category="Gender", stratum="Male")
    path = write([ohio(30.0), male(31.0), male(99.0, filled=True)], tmp_path / "data.csv")
    with running_server(tmp_path, "--data", str(path)) as server:
        explore = Explore(opens(f"{server.url}/?state=OH")).drawn()
        group = explore.page.locator('#strata .chart [aria-label^="Men: "]')
        tip = explore.page.locator("#tip")
        group.hover()
        expect(tip).to_contain_text("31.0 %")
        expect(tip).to_contain_text("1 row of the dataset")
        expect(tip).not_to_contain_text("constant")
        explore.choose(statistic="mean").drawn()
        expect(group).to_have_attribute("aria-label", "Men: 65.0 %")
        group.hover()
        expect(tip).to_contain_text("2 rows of the dataset, 1 of them a constant")


def test_a_choice_of_a_state_keeps_the_years_in_the_headline(opens: Opens, server: Server) -> None:
    explore = Explore(opens(f"{server.url}/")).drawn()
    explore.mark("map", "Ohio").click()
    expect(explore.page.locator("#chosen-title")).to_have_text("Ohio")
    expect(explore.page.locator("h1")).to_have_text("Obesity: Ohio, 2023")


def test_a_newer_dataset_is_shown_as_a_whole(opens: Opens, tmp_path: Path) -> None:
    path = write([row("Ohio", 30.0), row("Utah", 24.0)], tmp_path / "data.csv")
    with running_server(tmp_path, "--data", str(path)) as server:
        explore = Explore(opens(f"{server.url}/")).drawn()
        write([row("Ohio", 60.0), row("Utah", 54.0), row("Iowa", 50.0)], path)
        requests.post(f"{server.url}/api/dataset/reload", timeout=PATIENCE).raise_for_status()
        explore.mark("map", "Ohio").click()
        expect(explore.page.locator("#chosen .figure-value")).to_have_text("60.0 %")
        explore.shows({"Iowa": 50.0, "Utah": 54.0, "Ohio": 60.0})
        explore.choose(state="IA")


def test_a_group_view_that_was_left_does_not_come_back(opens: Opens, server: Server) -> None:
    explore = Explore(opens(f"{server.url}/")).drawn()
    for _ in range(5):
        explore.choose(state="OH").choose(state="")
    explore.drawn()
    expect(explore.page.locator("#strata [data-part=message]")).to_contain_text("Choose a state")
    expect(explore.page.locator("#strata .chart svg")).to_have_count(0)


def test_a_second_look_is_had_from_the_browsers_cache(opens: Opens, server: Server) -> None:
    explore = Explore(opens(f"{server.url}/?state=OH")).drawn()
    sizes = """() => performance.getEntriesByType("resource")
      .filter(({ name }) => name.includes("/api/answers/"))
      .map(({ transferSize, encodedBodySize }) => [transferSize, encodedBodySize])"""
    first = explore.page.evaluate(sizes)
    assert len(first) == 3  # all states; Ohio in a sentence; its groups
    assert all(sent > body for sent, body in first)
    jobs = server.get("api/num_jobs")["num_jobs"], len(server.get("api/jobs")["data"])
    explore.page.reload()
    explore.drawn()
    expect(explore.page.locator("#answer")).to_contain_text("Ohio")
    # Headers alone, of a 304, or nothing.
    assert all(sent < 1000 < body for sent, body in explore.page.evaluate(sizes))
    assert jobs == (server.get("api/num_jobs")["num_jobs"], len(server.get("api/jobs")["data"]))


def test_of_the_courses_means_one_is_called_the_overall_mean(opens: Opens, server: Server) -> None:
    explore = Explore(opens(f"{server.url}/?statistic=mean&state=OH")).drawn()
    mean = asked(server, "global_mean", question="Q036", dataset="release")["global_mean"]
    page = explore.page
    expect(page.locator("#chosen")).to_contain_text(f"Overall mean{rounded(mean)} %")
    expect(page.locator("#ranking .chart")).to_contain_text(f"Overall mean {rounded(mean)}")
    own = page.locator("#chosen .figure-value").inner_text().removesuffix(" %")
    expect(page.locator("#strata .chart")).to_contain_text(f"Ohio {own}")
    expect(page.locator("main")).not_to_contain_text("United States")


def test_a_misspelt_link_names_what_was_perhaps_meant(opens: Opens, server: Server) -> None:
    path = "/?q=obesety&statistic=trnd&group=Mael&state=Ohoi"
    explore = Explore(opens(f"{server.url}{path}")).drawn()
    message = explore.page.locator("#link-message")
    for name in ("Obesity", "Change per year", "Men", "Ohio"):
        expect(message.get_by_role("link", name=f"Perhaps “{name}”?")).to_be_visible()
    message.get_by_role("link", name="Ohio").click()
    expect(explore.page.locator("h1")).to_have_text("Obesity: Ohio, 2023")
    expect(message).to_be_empty()
    explore.open("/?q=obesity").drawn()  # short names are names
    expect(message).to_be_empty()


def test_links_to_what_the_dataset_cannot_answer_say_why(opens: Opens, tmp_path: Path) -> None:
    path = write([row("Ohio", 30.0, year=2011, until=2022)], tmp_path / "data.csv")
    with running_server(tmp_path, "--data", str(path)) as server:
        explore = Explore(opens(f"{server.url}/?statistic=trend")).drawn()
        message = explore.page.locator("#link-message")
        expect(message).to_contain_text("needs single years")
        explore.open(f"{server.url}/?statistic=toString")
        expect(message).to_contain_text("which does not exist")
        assert explore.chosen()["statistic"] == "estimate"


def test_a_place_that_the_dataset_lacks_is_not_chosen(opens: Opens, tmp_path: Path) -> None:
    path = write([row("Ohio", 30.0), row("Utah", 24.0)], tmp_path / "data.csv")
    with running_server(tmp_path, "--data", str(path)) as server:
        explore = Explore(opens(f"{server.url}/?state=OH")).drawn()
        explore.mark("map", "Guam").click()
        expect(explore.page.locator("#chosen-title")).to_have_text("Ohio")


def test_a_token_that_is_not_the_servers_is_told_of(opens: Opens, tmp_path: Path) -> None:
    with box_server(tmp_path, "--token", "secret") as server:
        tab = opens(f"{server.url}/")
        tab.expects("status of 401")
        dialog = tab.page.get_by_role("dialog")
        dialog.get_by_label("Token").fill("parolă")
        dialog.get_by_role("button").click()
        expect(dialog).to_be_visible()  # the browser refuses letters that no header can have
        dialog.get_by_label("Token").fill("wrong")
        dialog.get_by_role("button").click()
        expect(dialog.locator("#token-refused")).to_be_visible()
        dialog.get_by_label("Token").fill("secret")
        dialog.get_by_role("button").click()
        Explore(tab).drawn()
        for view in ABOUT_STATES:
            expect(tab.page.locator(f"#{view} .chart svg")).to_be_attached()
