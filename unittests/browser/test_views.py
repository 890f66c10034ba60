"""Explore shows nothing that is not so: of another dataset, of another question, of no estimate."""

import signal
from functools import partial
from pathlib import Path

import requests

from unittests.browser.conftest import Opens
from unittests.browser.explore import Explore, overflow
from unittests.browser.playwrights import expect
from unittests.browser.tab import AWAY
from unittests.helpers.rows import row, write
from unittests.helpers.server import Server, box_server, running_server
from unittests.helpers.waiting import PATIENCE


def test_what_cdc_withholds_is_no_estimate_of_a_group(opens: Opens, tmp_path: Path) -> None:
    ohio = partial(row, "Ohio", year=2011, until=2022)
    male = ohio(29.0, category="Gender", stratum="Male")
    asian = ohio(31.0, category="Race/Ethnicity", stratum="Asian", filled=True)
    path = write([ohio(30.0), male, asian], tmp_path / "data.csv")
    with running_server(tmp_path, "--data", str(path)) as server:
        explore = Explore(opens(f"{server.url}/?state=OH")).drawn()
        expect(explore.group("Asian")).to_contain_text("withheld by CDC")
        expect(explore.group("Men")).to_contain_text("29.0")
        # There are but means of several years: nothing of single ones is offered.
        expect(explore.page.locator("#years-field")).to_be_hidden()
        expect(explore.card("years")).to_contain_text("no years that could be compared")
        expect(explore.page.locator("[data-show=change]")).to_be_disabled()


def test_a_choice_of_a_state_keeps_the_years_in_the_headline(opens: Opens, server: Server) -> None:
    explore = Explore(opens(f"{server.url}/")).drawn()
    explore.mark("Ohio").click()
    expect(explore.page.locator("h1")).to_have_text("Obesity: Ohio, 2023")


def test_a_newer_dataset_is_shown_as_a_whole(opens: Opens, tmp_path: Path) -> None:
    path = write([row("Ohio", 30.0), row("Utah", 24.0)], tmp_path / "data.csv")
    with running_server(tmp_path, "--data", str(path)) as server:
        explore = Explore(opens(f"{server.url}/")).drawn()
        write([row("Ohio", 60.0), row("Utah", 54.0), row("Iowa", 50.0)], path)
        requests.post(f"{server.url}/api/dataset/reload", timeout=PATIENCE).raise_for_status()
        explore.mark("Ohio").click()
        expect(explore.page.locator("#figure-value")).to_have_text("60.0 %")
        explore.shows({"Iowa": 50.0, "Utah": 54.0, "Ohio": 60.0})
        explore.add("Iowa")


def test_groups_of_a_state_that_was_left_do_not_come_back(opens: Opens, server: Server) -> None:
    explore = Explore(opens(f"{server.url}/")).drawn()
    for _ in range(5):
        explore.add("Ohio")
        explore.page.get_by_role("button", name="Remove Ohio").click()
    explore.drawn()
    expect(explore.page.locator("#groups-title")).to_have_text("Groups in the United States, 2023")
    expect(explore.page.locator("#figure-of")).to_have_text("United States")


def test_a_second_look_is_had_from_the_browsers_cache(opens: Opens, server: Server) -> None:
    explore = Explore(opens(f"{server.url}/?state=OH")).drawn()
    sizes = """() => performance.getEntriesByType("resource")
      .filter(({ name }) => name.includes("/api/answers/"))
      .map(({ transferSize, encodedBodySize }) => [transferSize, encodedBodySize])"""
    first = explore.page.evaluate(sizes)
    # All states, their years, and how Ohio differs; Ohio in a sentence; its groups.
    assert len(first) == 5
    assert all(sent > body for sent, body in first)
    jobs = server.get("api/num_jobs")["num_jobs"], len(server.get("api/jobs")["data"])
    explore.page.reload()
    explore.drawn()
    expect(explore.page.locator("#answer")).to_contain_text("Ohio")
    # Headers alone, of a 304, or nothing.
    assert all(sent < 1000 < body for sent, body in explore.page.evaluate(sizes))
    assert jobs == (server.get("api/num_jobs")["num_jobs"], len(server.get("api/jobs")["data"]))


def test_a_misspelt_link_names_what_was_perhaps_meant(opens: Opens, server: Server) -> None:
    path = "/?q=obesety&show=chang&group=Mael&state=Ohoi"
    explore = Explore(opens(f"{server.url}{path}")).drawn()
    message = explore.page.locator("#link-message")
    for name in ("Obesity", "Change", "Men", "Ohio"):
        expect(message.get_by_role("link", name=f"Perhaps “{name}”?")).to_be_visible()
    message.get_by_role("link", name="Ohio").click()
    expect(explore.page.locator("h1")).to_have_text("Obesity: Ohio, 2023")
    expect(message).to_be_empty()
    for name in ("obesity", "q037"):  # short names are names, and letters may be small
        explore.open(f"/?q={name}").drawn()
        expect(message).to_be_empty()
    expect(explore.page.locator("h1")).to_have_text("Overweight, 2023")


def test_links_to_what_the_dataset_cannot_answer_say_why(opens: Opens, tmp_path: Path) -> None:
    path = write([row("Ohio", 30.0, year=2011, until=2022)], tmp_path / "data.csv")
    with running_server(tmp_path, "--data", str(path)) as server:
        explore = Explore(opens(f"{server.url}/?show=change")).drawn()
        message = explore.page.locator("#link-message")
        expect(message).to_contain_text("needs single years")
        explore.open(f"{server.url}/?statistic=toString")
        expect(message).to_contain_text("which this page does not know")
        expect(explore.page.locator("[data-show=level]")).to_have_attribute("aria-pressed", "true")


def test_a_second_question_is_one_that_has_the_year(opens: Opens, server: Server) -> None:
    # The first of another topic, fruit, was asked in odd years alone.
    explore = Explore(opens(f"{server.url}/?year=2022")).drawn()
    explore.page.locator("[data-tab=pair]").click()
    expect(explore.drawn().page.locator("#pair-title")).to_contain_text("2022")
    options = explore.page.locator("#other option:disabled")
    expect(options).to_have_text(["Obesity"])  # none is put beside itself
    explore.open("/?view=pair&with=Q036")
    expect(explore.page.locator("#link-message")).to_contain_text("a question beside itself")
    expect(explore.page.locator("#pair-title")).to_contain_text("Fruit")
    explore.open("/?view=pair&with=zzz&sort=foo&rows=bar")
    for told in ("second question “zzz”", "sort by “foo”", "rows “bar”"):
        expect(explore.page.locator("#link-message")).to_contain_text(told)


def test_the_year_is_there_again_after_the_change(opens: Opens, server: Server) -> None:
    explore = Explore(opens(f"{server.url}/?state=OH&year=2015")).drawn()
    explore.page.locator("[data-show=change]").click()
    explore.drawn().page.reload()
    explore.drawn().page.locator("[data-show=level]").click()
    expect(explore.drawn().page.locator("h1")).to_have_text("Obesity: Ohio, 2015")


def test_what_cannot_be_chosen_is_told(opens: Opens, server: Server) -> None:
    explore = Explore(opens(f"{server.url}/")).drawn()
    message = explore.page.locator("#link-message")
    explore.add("zzzzqq")
    expect(message).to_have_text("This dataset has no state like “zzzzqq”.")
    explore.open("/?state=OH,IN,TX,UT,NV,ID,IA,ME,VT,NY")
    explore.page.locator('#states [data-state="Alaska"]').or_(explore.mark("Alaska")).first.click()
    expect(message).to_contain_text("At most 10 states are shown at a time")
    assert len(explore.states()) == 10


def test_tables_are_called_what_their_headings_say(opens: Opens, server: Server) -> None:
    for path in ("/?q=Q046", "/?q=Q046&sort=state"):
        explore = Explore(opens(f"{server.url}{path}")).drawn()
        for name in ("states", "groups"):
            heading = explore.page.locator(f"#{name}-title").inner_text()
            expect(explore.page.locator(f"#{name} caption")).to_have_text(heading)
    expect(explore.page.locator("#states-title")).to_have_text("The states")


def test_an_estimate_between_years_without_one_is_a_dot(opens: Opens, server: Server) -> None:
    explore = Explore(opens(f"{server.url}/?view=years")).drawn()
    islands = explore.page.locator('#all-years [data-state="Virgin Islands"] circle')
    expect(islands).to_have_count(2)  # of 2016 alone, and of the last year


def test_places_that_are_no_states_are_shown(opens: Opens, tmp_path: Path) -> None:
    county, long = "Franklin County", "x" * 300
    rows = [row("Ohio", 30.0), row("National", 29.0), row(county, 33.0), row(long, 20.0)]
    path = write(rows, tmp_path / "data.csv")
    with running_server(tmp_path, "--data", str(path)) as server:
        explore = Explore(opens(f"{server.url}/")).drawn()
        explore.name(county).click()
        expect(explore.drawn().page.locator("#answer")).to_contain_text("33.0 %")
        expect(explore.page.locator("#verdicts")).to_contain_text("Beside 2 others, Franklin")
        explore.name(long).click()
        for width in (360, 1440):
            explore.page.set_viewport_size({"width": width, "height": 800})
            wide, out = overflow(explore.drawn().page)
            assert wide <= 0, out
        expect(explore.page.locator("[data-tab=pair]")).to_be_hidden()  # there is one question
        explore.open("/?view=pair")
        expect(explore.page.locator("#overview")).to_be_visible()


def test_without_a_nation_nothing_is_said_of_it(opens: Opens, tmp_path: Path) -> None:
    years = range(2015, 2020)
    rows = [row(state, 30.0, year=year) for state in ("Ohio", "Texas") for year in years]
    path = write(rows, tmp_path / "data.csv")
    with running_server(tmp_path, "--data", str(path)) as server:
        explore = Explore(opens(f"{server.url}/")).drawn()
        expect(explore.card("years")).to_contain_text("Choose a state to see its years.")
        expect(explore.page.locator(".against")).to_be_hidden()
        expect(explore.card("states")).not_to_contain_text("United States is")
        expect(explore.card("states")).not_to_contain_text("dashed line")


def test_a_citation_is_of_what_is_still_shown(opens: Opens, tmp_path: Path) -> None:
    with box_server(tmp_path) as server:
        tab = opens(f"{server.url}/?state=OH")
        explore = Explore(tab).drawn()
        tab.expects(*AWAY)
        server.stop(signal.SIGKILL)
        explore.choose(question="Q037")
        explore.page.locator("[data-tab=pair]").click()
        expect(explore.page.locator("#answer")).to_contain_text("Still shown: Obesity: Ohio, 2023")
        cite = explore.page.locator("#take [data-part=cite]")
        expect(cite).to_contain_text("“Obesity: Ohio, 2023.”")
        expect(cite).to_contain_text("?q=Q036&year=2023&state=OH.")
        expect(explore.card("pair")).to_contain_text("once the server is back")


def test_what_is_chosen_shows_in_the_colours_of_the_system(opens: Opens, server: Server) -> None:
    explore = Explore(opens(f"{server.url}/?state=OH")).drawn()
    explore.page.emulate_media(forced_colors="active")
    for name in (".top nav", ".languages", ".tabs", ".shows"):
        grounds = explore.page.locator(f"{name} > :is(a, button)").evaluate_all(
            "all => all.map((one) => getComputedStyle(one).backgroundColor)"
        )
        assert len(set(grounds)) == 2, (name, grounds)


def test_large_letters_leave_room_below_the_bar(opens: Opens, server: Server) -> None:
    size = {"width": 720, "height": 450}  # a window of 1440 by 900 at 200 %
    explore = Explore(opens(f"{server.url}/?state=OH", viewport=size)).drawn()
    explore.page.mouse.wheel(0, 2000)
    expect(explore.page.locator("#choices")).not_to_be_in_viewport()


def test_a_place_that_the_dataset_lacks_is_not_chosen(opens: Opens, tmp_path: Path) -> None:
    path = write([row("Ohio", 30.0), row("Utah", 24.0)], tmp_path / "data.csv")
    with running_server(tmp_path, "--data", str(path)) as server:
        explore = Explore(opens(f"{server.url}/?state=OH")).drawn()
        explore.mark("Guam").click()
        explore.add("Atlantis")
        assert explore.states() == ["Ohio"]
        # Texas is a neighbour of nobody here, nor are states that the dataset lacks.
        expect(explore.page.locator("#neighbours")).to_be_hidden()


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
        explore = Explore(tab).drawn()
        expect(explore.mark("Ohio")).to_be_attached()
