"""The page of the jobs: what the server does, as it happens."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from unittests.browser.conftest import Opens
from unittests.browser.playwrights import Locator, Page, expect
from unittests.browser.shell import run
from unittests.browser.staged import Stage, staged_server
from unittests.browser.tab import AWAY, Tab
from unittests.helpers.server import box_server
from unittests.helpers.waiting import PATIENCE

# Jobs that a page shows at most.
MOST = 50


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged_server(tmp_path_factory.mktemp("jobs"), "--threads", "1") as stage:
        yield stage


@pytest.fixture
def stage(staged: Stage) -> Iterator[Stage]:
    yield staged
    staged.release()


@pytest.fixture
def tab(opens: Opens, stage: Stage) -> Tab:
    """Give the page of the jobs, which has the first answer."""
    tab = opens(f"{stage.server.url}/jobs")
    expect(tab.page.locator("#gauge-server")).to_have_text("Takes questions")
    return tab


def row(page: Page, job_id: str) -> Locator:
    """Return the row of a job."""
    return page.locator(f'tr[data-job="{job_id}"]')


def badge(page: Page, job_id: str) -> Locator:
    """Return the status in the row of a job."""
    return row(page, job_id).locator(".badge")


def test_jobs_are_shown_as_they_come_run_and_end(tab: Tab, stage: Stage) -> None:
    page, server = tab.page, stage.server
    stage.hold()
    first = server.post("state_mean", question="Q036", state="OH")
    second = server.post("best5", question="Q018")
    expect(badge(page, first)).to_have_text("running")
    expect(badge(page, second)).to_have_text("queued")
    expect(page.locator("#gauge-workers")).to_have_text("1 of 1")
    expect(page.locator("#gauge-queue")).to_have_text("1 job")
    expect(row(page, first)).to_contain_text("Ohio")
    expect(page.locator("#rows tr").first).to_have_attribute("data-job", second)
    stage.release()
    for job_id in (first, second):
        expect(badge(page, job_id)).to_have_text("done")
        expect(row(page, job_id).locator(".job-took")).to_contain_text(" s")
    expect(page.locator("#gauge-workers")).to_have_text("0 of 1")
    expect(page.locator("#gauge-queue")).to_have_text("0 jobs")


@pytest.mark.parametrize("by", ["pointer", "keyboard"])
def test_a_queued_job_is_cancelled(tab: Tab, stage: Stage, by: str) -> None:
    page, server = tab.page, stage.server
    stage.hold()
    running = server.post("best5", question="Q037")
    queued = server.post("worst5", question="Q037")
    cancel = page.get_by_role("button", name=f"Cancel {queued}", exact=True)
    expect(badge(page, running)).to_have_text("running")
    expect(page.get_by_role("button", name=f"Cancel {running}", exact=True)).to_be_hidden()
    if by == "pointer":
        cancel.click()
    else:
        cancel.focus()
        page.keyboard.press("Enter")
    expect(badge(page, queued)).to_have_text("cancelled")
    expect(cancel).to_be_hidden()
    expect(page.get_by_role("button", name=f"Details {queued}", exact=True)).to_be_focused()
    stage.release()
    expect(badge(page, running)).to_have_text("done")
    expect(page.locator("#message")).to_have_text(f"{queued} is cancelled.")
    assert server.get(f"api/jobs/{queued}")["data"]["status"] == "cancelled"


def test_a_job_that_failed_says_why(tab: Tab, stage: Stage) -> None:
    page = tab.page
    with stage.failing():
        job_id = stage.server.post("best5", question="Q045")
        expect(badge(page, job_id)).to_have_text("failed")
    reason = "the job failed unexpectedly; the server's log tells more"
    expect(row(page, job_id).locator(".job-reason")).to_have_text(reason)
    page.get_by_role("button", name=f"Details {job_id}", exact=True).click()
    dialog = page.get_by_role("dialog", name=job_id)
    expect(dialog).to_contain_text(reason)
    expect(dialog.get_by_role("button", name="CSV")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_details_tell_what_was_asked_and_give_the_answer(tab: Tab, stage: Stage) -> None:
    page, server = tab.page, stage.server
    job_id = server.post("best5", question="Q036")
    button = page.get_by_role("button", name=f"Details {job_id}", exact=True)
    expect(badge(page, job_id)).to_have_text("done")
    button.click()
    dialog = page.get_by_role("dialog", name=job_id)
    expect(dialog).to_contain_text(server.get(f"api/jobs/{job_id}")["data"]["asked"])
    (printed,) = run(dialog.get_by_label("curl").inner_text())
    assert server.outcome(json.loads(printed)["job_id"]) == server.outcome(job_id)
    found = {}
    for form in ("CSV", "JSON", "SVG"):
        with page.expect_download() as caught:
            dialog.get_by_role("button", name=form).click()
        assert caught.value.suggested_filename == f"{job_id}.{form.lower()}"
        found[form] = caught.value.path().read_bytes()
    assert json.loads(found["JSON"]) == server.outcome(job_id)
    assert found["CSV"].count(b"\n") == 1 + len(server.outcome(job_id)["data"])
    assert ElementTree.fromstring(found["SVG"]).tag.endswith("svg")
    dialog.get_by_role("button", name="Close").click()
    expect(button).to_be_focused()


def test_filters_stand_in_the_address(tab: Tab, stage: Stage) -> None:
    page, server = tab.page, stage.server
    wanted = server.post("state_mean", question="Q047", state="GU")
    other = server.post("best5", question="Q047")
    expect(badge(page, other)).to_have_text("done")
    page.get_by_label("Asked about").fill("Guam")
    expect(row(page, other)).to_have_count(0)
    expect(badge(page, wanted)).to_have_text("done")
    page.get_by_label("Status").select_option("queued")
    expect(page.locator("#message")).to_have_text("No job fits this filter.")
    assert page.url.endswith("/jobs?status=queued&text=Guam")
    page.reload()
    expect(page.locator("#message")).to_have_text("No job fits this filter.")
    expect(page.get_by_label("Asked about")).to_have_value("Guam")
    page.go_back()
    expect(row(page, wanted)).to_be_visible()
    page.go_back()
    expect(row(page, other)).to_be_visible()
    expect(page.get_by_label("Asked about")).to_have_value("")


@pytest.mark.parametrize(
    ("locale", "field", "hint"),
    [
        ("en-US", "Asked about", "obesity, Ohio"),
        ("ro-RO", "Întrebat despre", "obezitate, Ohio"),
    ],
)
def test_the_hint_of_the_filter_finds_what_it_says(
    opens: Opens, stage: Stage, locale: str, field: str, hint: str
) -> None:
    wanted = stage.server.post("state_mean", question="Q036", state="OH")
    others = [
        stage.server.post("state_mean", question="Q047", state="OH"),
        stage.server.post("state_mean", question="Q036", state="GU"),
    ]
    page = opens(f"{stage.server.url}/jobs", locale=locale).page
    expect(page.get_by_label(field)).to_have_attribute("placeholder", hint)
    page.get_by_label(field).fill(hint)
    for other in others:
        expect(row(page, other)).to_have_count(0)
    expect(row(page, wanted)).to_be_visible()


def test_older_jobs_are_a_page_away(tab: Tab, stage: Stage) -> None:
    page, server = tab.page, stage.server
    jobs = [{"statistic": "best5", "question": "Q036"}] * (MOST + 5)
    url = f"{server.url}/api/batch"
    ids = server.http.post(url, json=jobs, timeout=PATIENCE).json()["job_ids"]
    expect(badge(page, ids[-1])).to_have_text("done")
    expect(page.locator("#rows tr")).to_have_count(MOST)
    expect(page.locator("#counted")).to_have_text(f"{MOST} jobs shown")
    newest = page.get_by_role("button", name="Newest")
    expect(newest).to_be_disabled()
    page.get_by_role("button", name="Older").click()
    expect(row(page, ids[0])).to_be_visible()
    expect(row(page, ids[-1])).to_have_count(0)
    newest.click()
    expect(row(page, ids[-1])).to_be_visible()


def test_the_page_goes_through_a_shutdown_and_a_restart(opens: Opens, tmp_path: Path) -> None:
    with box_server(tmp_path) as server:
        tab = opens(f"{server.url}/jobs")
        page = tab.page
        banner = page.locator("#banner")
        expect(page.locator("#message")).to_contain_text("No job yet. On the page Statistics,")
        job_id = server.post("best5", question="Q036")
        expect(badge(page, job_id)).to_have_text("done")
        tab.expects(*AWAY, "status of 503")
        server.get("api/graceful_shutdown")
        expect(page.locator("#gauge-server")).to_have_text("Shuts down")
        expect(banner).to_contain_text("The server is shutting down")
        server.stop(signal.SIGKILL)
        expect(banner).to_contain_text("The server cannot be reached.")
    with box_server(tmp_path, "--port", str(server.port)) as server:
        expect(banner).to_have_text("The server is back.")
        expect(page.locator("#gauge-server")).to_have_text("Takes questions")
        expect(badge(page, job_id)).to_have_text("done")
        expect(badge(page, server.post("worst5", question="Q036"))).to_have_text("done")


def test_a_server_without_workers_and_with_a_token(opens: Opens, tmp_path: Path) -> None:
    token = "s3cret"
    with box_server(tmp_path, "--threads", "0", "--token", token) as server:
        server.http.headers["Authorization"] = f"Bearer {token}"
        job_id = server.post("best5", question="Q036")
        tab = opens(f"{server.url}/jobs")
        tab.expects("status of 401")
        tab.page.get_by_label("Token", exact=True).fill(token)
        tab.page.get_by_role("button", name="Continue").click()
        expect(badge(tab.page, job_id)).to_have_text("done")
        expect(tab.page.locator("#message")).to_be_empty()
