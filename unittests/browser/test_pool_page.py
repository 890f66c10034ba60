"""The page of the pool: what runs jobs, as it happens, and slow motion."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from unittests.browser.conftest import Opens
from unittests.browser.playwrights import Page, expect
from unittests.browser.staged import Stage, staged_server
from unittests.browser.tab import AWAY, Tab
from unittests.helpers.chrome_trace import parsed
from unittests.helpers.server import Server, box_server
from unittests.helpers.waiting import PATIENCE

# What lights up is dark again soon.
NOTE_LIGHTS = """() => {
  window.lit = new Set();
  const note = () => {
    for (const { id } of document.querySelectorAll(".way .lit")) window.lit.add(id);
  };
  const way = document.querySelector(".way");
  new MutationObserver(note).observe(way, { subtree: true, attributeFilter: ["class"] });
}"""


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged_server(tmp_path_factory.mktemp("pool"), "--threads", "1") as stage:
        yield stage


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with box_server(tmp_path_factory.mktemp("taught"), "--teach", "--threads", "1") as server:
        yield server


def pool_of(opens: Opens, server: Server) -> Tab:
    """Return the page of a server's pool, which has the first answer."""
    tab = opens(f"{server.url}/pool")
    expect(tab.page.locator("#gauge-threads")).to_have_text("0 of 1")
    return tab


def step(page: Page, thread: str, before: str) -> None:
    """Let a thread take the step that it waits before."""
    row = page.locator("#teach-threads li", has_text=f"{thread}")
    expect(row).to_contain_text(f"waits before: {before}")
    row.get_by_role("button", name=f"Let {thread} go on").click()


def test_the_pool_is_shown_as_it_works(opens: Opens, staged: Stage) -> None:
    page, server = pool_of(opens, staged.server).page, staged.server
    expect(page.locator("#teach")).to_be_hidden()
    page.evaluate(NOTE_LIGHTS)
    staged.hold()
    first, second = (server.post(name, question="Q036") for name in ("best5", "worst5"))
    expect(page.locator("#gauge-threads")).to_have_text("1 of 1")
    expect(page.locator("#gauge-queue")).to_have_text("1 job")
    expect(page.locator("#note-queue")).to_have_text("1 permit")
    page.wait_for_function("() => window.lit.has('way-post') && window.lit.has('way-queue')")
    runner = page.locator('[data-runner="TaskRunner-1"]')
    expect(runner).to_contain_text(f"{first} best5")
    staged.release()
    expect(page.locator("#gauge-queue")).to_have_text("0 jobs")
    expect(runner).to_contain_text(f"idle{second} worst5")
    page.wait_for_function("() => window.lit.has('way-file') && window.lit.has('way-done')")
    expect(page.locator("#legend li")).to_have_text(["best5", "worst5"])
    expect(page.locator("#note-done")).to_have_text("2 finished")
    runner.get_by_role("button", name=second, exact=True).click()
    dialog = page.get_by_role("dialog", name=second)
    expect(dialog).to_contain_text("The five worst states")
    dialog.get_by_role("button", name="Close").click()
    with page.expect_download() as caught:
        page.get_by_role("button", name="Download the trace").click()
    assert caught.value.suggested_filename == "trace.json"
    trace = parsed(json.loads(caught.value.path().read_bytes()))
    assert trace.named("worst5")[0]["args"]["job_id"] == second
    # Once nothing happens any more, that is told.
    expect(page.locator("#way-done")).not_to_have_class("lit")


def test_what_was_long_ago_is_not_told_of_while_no_answer_comes(
    opens: Opens, tmp_path: Path
) -> None:
    with box_server(tmp_path, "--threads", "1") as server:
        tab = pool_of(opens, server)
        page = tab.page
        # One that ended, as far as the page knows: one that ran when it was killed goes on there.
        server.outcome(server.post("best5", question="Q036"))
        page.clock.install()
        page.reload()
        told = page.locator("#lanes-told")
        expect(told).to_have_text("1 job in the last ten seconds.")
        tab.expects(*AWAY)
        server.stop(signal.SIGKILL)
        page.clock.fast_forward(11_000)
        expect(told).to_have_text("No job in the last ten seconds.")


def test_a_block_tells_what_it_is_and_opens(opens: Opens, staged: Stage) -> None:
    page, server = pool_of(opens, staged.server).page, staged.server
    staged.hold()
    job_id = server.post("state_mean", question="Q018", state="OH")
    expect(page.locator("#gauge-threads")).to_have_text("1 of 1")
    box = page.locator("#lanes").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + 17)
    expect(page.locator("#lanes-told")).to_contain_text(f"{job_id}, state_mean, on TaskRunner-1")
    page.mouse.down()
    page.mouse.up()
    expect(page.get_by_role("dialog", name=job_id)).to_contain_text("Ohio")
    staged.release()
    assert server.outcome(job_id)["status"] == "done"


def test_slow_motion_is_driven_from_the_page(opens: Opens, taught: Server) -> None:
    page = pool_of(opens, taught).page
    page.get_by_role("button", name="Pause").click()
    address = f"{taught.url}/api/teach/jobs"
    taught.http.post(address, json={"count": 1}, timeout=PATIENCE)
    for before in ("id", "journal", "queue"):
        step(page, "Client-1", before)
    for before in ("take", "answer", "file"):
        step(page, "TaskRunner-1", before)
    row = page.locator("#teach-threads li")
    expect(row).to_contain_text("TaskRunner-1, job_id_1, waits before: done")
    assert taught.get("api/get_results/1") == {"status": "running"}
    page.get_by_role("button", name="One step").click()
    expect(row).to_have_count(0)
    assert taught.outcome("job_id_1")["status"] == "done"
    page.get_by_label("500 ms").check()
    page.get_by_role("button", name="Resume").click()
    page.get_by_role("button", name="Send 500 mixed jobs").click()
    expect(page.locator("#message")).to_have_text("500 jobs are being sent.")
    expect(page.locator("#gauge-queue")).not_to_have_text("0 jobs")
    page.get_by_role("button", name="Cancel queued").click()
    expect(page.locator("#message")).to_contain_text("cancelled.")
    page.get_by_label("0 ms", exact=True).check()
    page.get_by_role("button", name="Cancel queued").click()
    page.get_by_role("button", name="Drain").click()
    expect(page.locator("#banner")).to_contain_text("The server is shutting down")
