"""The contract again, by web processes and a worker over one Redis; and what only they can do.

One Redis, one worker and two web processes serve all tests of this module, which run in its order:
the last ones drain and replace the web processes.
"""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import requests

from app.cluster import keys
from app.cluster.redis_client import NO_AOF
from app.job import CANCELLED
from app.sources import BOX
from unittests import TestWebserver
from unittests.helpers.app import running_app
from unittests.helpers.catalogue import as_arguments
from unittests.helpers.cluster import WORKER, Cluster, running_cluster
from unittests.helpers.data import OBESITY, dataset
from unittests.helpers.figures import figures
from unittests.helpers.files import PROJECT, scratch
from unittests.helpers.metric_samples import samples_in
from unittests.helpers.redis_server import Redis, needs_redis
from unittests.helpers.registry import COURSE_STATISTICS
from unittests.helpers.rows import row, write
from unittests.helpers.server import Server, free_port
from unittests.helpers.waiting import PATIENCE, eventually
from unittests.helpers.waiting_client import WaitingClient

# What holds of both executors: pytest finds these tests here, too, and gives them the client below.
from unittests.http.test_http_errors import (  # noqa: F401
    test_a_job_is_submitted_behind_more_slashes,
    test_head_on_graceful_shutdown_changes_nothing,
    test_unknown_jobs,
)
from unittests.views.test_activity import test_who_waits_in_vain_is_told_the_same  # noqa: F401
from unittests.views.test_answers import (  # noqa: F401
    test_a_csv_says_of_each_row_what_it_is_of,
    test_an_address_has_the_answer_that_a_job_has,
    test_charts,
    test_lists_and_parts_of_objects,
    test_no_job_is_made,
    test_programs_read_files_and_parts_of_them,
    test_what_a_client_has_is_not_sent_again,
    test_what_an_address_cannot_ask,
)
from unittests.views.test_batches import (  # noqa: F401
    test_every_statistic_of_every_question_in_one_batch,
    test_one_bad_item_refuses_all,
    test_results_tell_of_jobs_that_there_are_none_of,
    test_what_does_not_name_jobs_is_refused,
)
from unittests.views.test_explore import (  # noqa: F401
    test_a_link_to_explore_is_a_card_with_the_very_chart,
    test_an_embedded_page_has_sentence_picture_source_and_a_way_back,
    test_what_cannot_be_embedded_is_told_in_a_sentence,
)
from unittests.views.test_exploring import (  # noqa: F401
    TABLE_EXAMPLES,
    test_a_batch_of_all_statistics,
    test_a_mean_follows_from_its_rows,
    test_every_format,
    test_every_job_explains_itself,
    test_rows_are_where_they_are_said_to_be,
    test_what_no_job_has,
)
from unittests.views.test_languages import (  # noqa: F401
    test_a_refusal_says_why_in_romanian,
    test_an_answer_has_its_sentences_in_romanian_and_the_same_figures,
    test_jobs_tell_what_they_asked_and_give_in_romanian,
)
from unittests.views.test_pictures import (  # noqa: F401
    test_a_picture_of_a_size_says_all_that_it_is_of,
    test_the_chart_of_a_job_is_asked_for_in_the_same_way,
)
from unittests.views.test_pool import test_what_ran_is_told_whoever_runs_it  # noqa: F401
from unittests.views.test_reading import (  # noqa: F401
    test_a_result_that_the_client_has_is_not_sent_again,
)
from unittests.views.test_submits import (  # noqa: F401
    test_a_key_that_was_used_for_something_else,
    test_a_submit_says_where_its_job_is,
    test_what_is_no_key_is_refused,
    test_what_is_no_preference_is_passed_over,
    test_who_prefers_to_wait_gets_the_result,
    test_who_repeats_a_batch_gets_its_jobs,
    test_who_repeats_a_submit_gets_its_job,
)
from unittests.views.test_waiting import (  # noqa: F401
    test_a_wait_over_the_limit_is_cut_to_it,
    test_what_is_no_number_of_seconds_is_refused,
)

pytestmark = needs_redis

BEST5 = {"question": OBESITY}
RUNNING = {"status": "running"}
SERVED = as_arguments(BOX)


@pytest.fixture(scope="module", name="there")
def cluster() -> Iterator[Cluster]:
    """Give a Redis with one worker and two web processes."""
    with scratch() as folder, running_cluster(folder) as there:
        worker = there.worker("--files", str(there.files), *SERVED)
        there.web(*SERVED)
        there.web(*SERVED)
        worker.ready(there.redis.client, 1)
        yield there


@pytest.fixture(scope="module", name="client")
def client_of(there: Cluster) -> WaitingClient:
    """Give a client of one of them."""
    return WaitingClient(there.webs[0].port)


@pytest.fixture(name="stranger")
def web_of_another_dataset(there: Cluster, tmp_path: Path) -> Iterator[Server]:
    """Give a web process whose dataset no worker has: its jobs stay queued."""
    few = write([row("Ohio", 30.0), row("Texas", 31.0)], tmp_path / "few.csv")
    stranger = there.web("--data", str(few))
    there.webs.remove(stranger)
    yield stranger
    stranger.stop()


@pytest.mark.usefixtures("there")
class TestCluster(TestWebserver.TestWebserver):
    """Every route of the contract, over web processes that keep nothing."""

    clients, questions = 4, 1  # .ci/proofs/cluster_kills.py asks everything, with more clients
    test_graceful_shutdown = None  # type: ignore[assignment]  # at the end

    @classmethod
    def setUpClass(cls) -> None:
        cls.figures = figures()

    @classmethod
    def tearDownClass(cls) -> None:
        pass

    @pytest.fixture(autouse=True)
    def _meet(self, there: Cluster) -> None:
        type(self).server = there.webs[0]


def items() -> list[dict[str, Any]]:
    """Return what is asked of both executors: nine statistics of all questions, and the others."""
    nine = [
        {"statistic": name, "question": question, **({"state": state} if state else {})}
        for question in dataset().tables
        for name, row in COURSE_STATISTICS.items()
        for state in (("Ohio", "Guam") if row.needs_state else (None,))
    ]
    return nine + [{"statistic": name, **body} for name, body in TABLE_EXAMPLES.items()]


def test_both_executors_answer_the_same_bytes(
    there: Cluster, client: WaitingClient, tmp_path: Path
) -> None:
    with running_app(tmp_path, threads=0, data=BOX) as app:
        threads, asked, paths = app.test_client(), [], []
        for item in items():
            answer = threads.post("/api/batch", json=[item])
            if answer.status_code == 200:
                asked.append(item)
                paths.append(f"/api/get_results/{answer.get_json()['job_ids'][0]}")
            else:  # Guam was not asked everything
                assert client.post("/api/batch", json=[item]).get_json() == answer.get_json()
        ids = client.post("/api/batch", json=asked).get_json()["job_ids"]
        for item, job_id, path in zip(asked, ids, paths, strict=True):
            one, other = threads.get(path), client.get(f"/api/get_results/{job_id}")
            assert one.data == other.data, item
            assert one.headers["ETag"] == other.headers["ETag"], item
    assert not (there.files / "journal").exists()


def test_each_answers_for_the_jobs_of_the_other(there: Cluster) -> None:
    one, other = there.webs
    job_id = one.post("state_mean", question=OBESITY, state="Ohio")
    answer = other.get(f"api/get_results/{job_id}?wait=20")
    assert answer == {"status": "done", "data": {"Ohio": 33.7}}
    for path in (
        f"api/get_results/{job_id}",
        f"api/jobs/{job_id}",
        f"api/jobs/{job_id}/rows",
        "api/jobs",
        "api/num_jobs",
        f"api/activity?before={int(job_id[7:]) + 1}&limit=3",
    ):
        answers = [each.get(path) for each in (one, other)]
        if "activity" in path:
            answers = [each["data"]["page"] for each in answers]
        # The command to ask it again has the port of the web process that answered.
        texts = [str(answers[0]).replace(str(one.port), str(other.port)), str(answers[1])]
        assert texts[0] == texts[1], path
    ids = one.http.post(f"{one.url}/api/batch", json=items()[:20]).json()
    lines = [
        each.http.post(f"{each.url}/api/batch/results?wait=20", json=ids).text
        for each in (other, one)
    ]
    assert lines[0] == lines[1]
    assert [json.loads(line)["status"] for line in lines[0].splitlines()] == ["done"] * 20


def test_ids_are_given_once_and_in_order_by_all(there: Cluster) -> None:
    def submit(web: Server) -> list[int]:
        with requests.Session() as http:
            found = []
            for count in (None, 7, None) * 10:
                path, body = ("best5", BEST5) if count is None else ("batch", items()[:count])
                jobs = http.post(f"{web.url}/api/{path}", json=body, timeout=PATIENCE).json()
                found += [int(job_id[7:]) for job_id in jobs.get("job_ids", [jobs.get("job_id")])]
            return found

    first = int(there.webs[0].post("best5", **BEST5)[7:]) + 1
    with ThreadPoolExecutor(4) as clients:
        given = list(clients.map(submit, there.webs * 2))
    assert all(before < after for ids in given for before, after in pairwise(ids))
    assert sorted(number for ids in given for number in ids) == list(range(first, first + 4 * 90))
    eventually(lambda: there.webs[0].get("api/num_jobs")["num_jobs"] == 0)


def test_workers_leave_the_jobs_of_another_dataset_alone(there: Cluster, stranger: Server) -> None:
    one, other = there.webs
    ids = [stranger.post("best5", **BEST5) for _ in range(2)]
    # The worker is there, and takes what comes later.
    assert one.outcome(one.post("best5", **BEST5))["status"] == "done"
    assert [other.get(f"api/get_results/{job_id}") for job_id in ids] == [RUNNING, RUNNING]
    assert other.get(f"api/jobs/{ids[0]}")["data"]["status"] == "queued"
    assert other.get("api/num_jobs")["num_jobs"] == 2
    activity = other.get("api/activity?status=queued")["data"]
    assert [job["job_id"] for job in activity["page"]] == ids[::-1]
    assert activity["queue"]["waiting"] == 2
    assert activity["workers"] == {"total": 1, "busy": 0}
    # Who waits at one web process hears of what happened at another.
    with ThreadPoolExecutor(3) as pool:
        waits = [
            pool.submit(web.get, f"api/get_results/{ids[0]}?wait=20")
            for web in (one, other, stranger)
        ]
        seen = activity["state"]
        news = pool.submit(
            requests.get, f"{one.url}/api/activity?since={seen}&wait=20", timeout=PATIENCE
        )
        cancel = requests.delete(f"{other.url}/api/jobs/{ids[0]}", timeout=PATIENCE)
        assert cancel.json() == {"status": "cancelled", "job_id": ids[0]}
        cancelled = {"status": "error", "reason": CANCELLED}
        assert [wait.result() for wait in waits] == [cancelled] * 3
        assert news.result().json()["data"]["state"] != seen

    def counted() -> list[float]:
        """Return how many jobs were cancelled, failed, waited and ran."""
        samples = samples_in(one.http.get(f"{one.url}/metrics").text)
        counts = [("stats_jobs_ended_total", "best5", how) for how in ("cancelled", "error")]
        times = [(f"stats_job_{what}_seconds_count",) for what in ("queued", "running")]
        return [samples.get(name, 0) for name in (*counts, *times)]

    before = counted()
    again = requests.delete(f"{one.url}/api/jobs/{ids[0]}", timeout=PATIENCE)
    assert again.status_code == 409
    requests.delete(f"{one.url}/api/jobs/{ids[1]}", timeout=PATIENCE)
    assert counted() == [before[0] + 1, *before[1:]]
    assert one.get("api/num_jobs")["num_jobs"] == 0
    # As a web process of version 1.3 left it.
    assert there.redis.client.hdel(f"{keys.JOB}{ids[1][7:]}", "cancelled") == 1
    body = {"job_ids": ids}
    lines = requests.post(f"{one.url}/api/batch/results", json=body, timeout=PATIENCE).text
    assert [json.loads(line)["code"] for line in lines.splitlines()] == ["job-cancelled"] * 2
    assert {one.get(f"api/jobs/{job_id}")["data"]["status"] for job_id in ids} == {"cancelled"}


def test_each_job_that_ends_has_a_line_in_one_log(there: Cluster, stranger: Server) -> None:
    webs = [*there.webs, stranger]
    cancelled = stranger.post("best5", **BEST5)
    requests.delete(f"{stranger.url}/api/jobs/{cancelled}", timeout=PATIENCE)
    batch = webs[1].http.post(f"{webs[1].url}/api/batch", json=items()[:10]).json()["job_ids"]
    done = [*batch, webs[0].post("best5", **BEST5)]

    def lines(job_id: str) -> list[str]:
        found = [line for web in webs for line in web.log_text().splitlines()]
        return [line for line in found if f" INFO {job_id} " in line and " after " in line]

    for job_id in done:
        [line] = eventually(partial(lines, job_id))
        assert f"{job_id} done after " in line
        assert line.endswith(" ms in the queue")
    [line] = eventually(lambda: lines(cancelled))
    assert f"{cancelled} error after 0.0 ms on no process, " in line


def test_several_share_a_port_and_one_of_them_stops(there: Cluster) -> None:
    first = there.webs[0]
    second = there.web("--port", str(first.port), *SERVED)
    there.webs.remove(second)
    assert second.port == first.port
    try:
        ids = set()

        def met() -> bool:
            # A new connection each time: the kernel chooses who serves it.
            ids.add(requests.post(f"{first.url}/api/best5", json=BEST5, timeout=PATIENCE).text)
            logs = [web.log_text() for web in (first, second)]
            return all("exit POST /api/best5 200" in log for log in logs)

        eventually(met)
        assert second.stop(signal.SIGTERM) == 0
    finally:
        second.stop(signal.SIGKILL)
    for text in ids:
        assert first.outcome(json.loads(text)["job_id"])["status"] == "done"
    assert requests.post(f"{first.url}/api/best5", json=BEST5, timeout=PATIENCE).ok


def refused_start(*command: str) -> tuple[int, list[str]]:
    """Run a program that cannot start; return its exit code and what it printed."""
    done = subprocess.run(
        [sys.executable, *command], cwd=PROJECT, capture_output=True, text=True, check=False,
        timeout=PATIENCE,
    )  # fmt: skip
    return done.returncode, done.stdout.splitlines()


@pytest.mark.parametrize(
    "program", [("api_server.py", "--executor", "celery", "--port", "0"), WORKER]
)
def test_a_redis_that_would_forget_is_refused(program: Sequence[str], tmp_path: Path) -> None:
    forgetful = Redis(tmp_path, "--appendonly", "no", "--save", "")
    try:
        files = () if program is WORKER else ("--results", str(tmp_path / "r"))
        log = () if program is WORKER else ("--log", str(tmp_path / "w.log"))
        code, lines = refused_start(*program, "--redis", forgetful.url, *files, *log)
        assert code == 2
        assert len(lines) == 1
        assert lines[0].endswith(NO_AOF)
    finally:
        forgetful.kill()


def test_a_redis_that_is_late_is_waited_for(tmp_path: Path) -> None:
    port = free_port()
    late = tmp_path / "late"
    late.mkdir()
    with socket.create_server(("127.0.0.1", port)) as listener, ThreadPoolExecutor(1) as pool:
        url = f"redis://127.0.0.1:{port}/0"
        listener.settimeout(PATIENCE)
        starting = pool.submit(Server, late, "--executor", "celery", "--redis", url)
        listener.accept()[0].close()  # a connection that fails
        listener.close()
        came = Redis(tmp_path / "redis", port=port)
        try:
            with_redis = starting.result()
            assert with_redis.stop() == 0
        finally:
            came.kill()


def test_one_drains_all_and_those_that_come_after_begin_anew(there: Cluster) -> None:
    one, other = there.webs
    key = {"Idempotency-Key": "a key", "Prefer": "wait=20"}

    def submit(web: Server, **headers: str) -> requests.Response:
        return requests.post(f"{web.url}/api/best5", json=BEST5, headers=headers, timeout=PATIENCE)

    accepted = submit(one, **key)
    TestWebserver.TestWebserver().check_shutdown(one)
    for refused in (submit(other), submit(other, **{"Idempotency-Key": "another"})):
        assert (refused.status_code, refused.json()["reason"]) == (503, "shutting down")
    assert submit(other, **key).json() == accepted.json()
    eventually(lambda: other.http.get(f"{other.url}/api/health").status_code == 503)
    assert other.get("api/activity")["data"]["accepting"] is False
    # One that comes now belongs to what drains; when those before it are gone, it begins anew.
    late = there.web("--keep-jobs", "3", *SERVED)
    assert late.http.post(f"{late.url}/api/best5", json=BEST5).status_code == 503
    assert [one.stop(), other.stop()] == [0, 0]
    eventually(lambda: late.http.post(f"{late.url}/api/best5", json=BEST5).ok)
    assert late.get("api/health") == {"status": "ok"}
    there.webs[:] = [late]


def test_old_jobs_are_forgotten(there: Cluster) -> None:
    [few] = there.webs  # it keeps three, and no other web process is there to look after jobs
    last = int(few.post("best5", **BEST5)[7:])
    kept = [f"job_id_{number}" for number in range(last - 2, last + 1)]
    eventually(lambda: [*map(next, map(iter, few.get("api/jobs")["data"]))] == kept)
    gone = few.http.get(f"{few.url}/api/get_results/1")
    assert (gone.status_code, "expired" in gone.json()["reason"]) == (404, True)
    unknown = few.http.get(f"{few.url}/api/get_results/{last + 1}")
    assert (unknown.status_code, unknown.json()["reason"]) == (404, "Invalid job_id")
    eventually(lambda: {path.stem for path in there.files.glob("job_id_*.json")} == set(kept))
    assert [few.outcome(job_id)["status"] for job_id in kept] == ["done"] * 3
    assert len(there.redis.client.keys("stats:answer:*")) <= 3  # no more than the jobs
    few.stop()
    brief = there.web("--keep-days", str(2 / 86400), *SERVED)
    job_id = brief.post("worst5", **BEST5)
    assert brief.outcome(job_id)["status"] == "done"
    eventually(lambda: "expired" in brief.get(f"api/get_results/{job_id}").get("reason", ""))
    eventually(lambda: brief.get("api/jobs")["data"] == [])
    eventually(lambda: brief.get("api/activity")["data"]["jobs"]["kept"] == 0)
    assert there.redis.client.hlen("stats:uses") == 0
