"""Several datasets over Redis: what is asked of them over threads, of a web process and workers.

One worker has all datasets; another one, which starts first, has the course's only.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from app.cluster import keys
from unittests.helpers.catalogue import as_arguments, three_files, two_files
from unittests.helpers.cluster import Cluster, running_cluster
from unittests.helpers.files import scratch
from unittests.helpers.redis_server import needs_redis
from unittests.helpers.waiting import eventually
from unittests.helpers.waiting_client import WaitingClient

# What holds of both executors: pytest finds these tests here, too, and gives them the client below.
from unittests.views.test_catalogue import (  # noqa: F401
    test_a_body_names_the_dataset_that_is_asked,
    test_a_dataset_that_is_null_is_as_good_as_missing,
    test_a_job_says_which_dataset_it_asked,
    test_a_reload_reads_one_or_all,
    test_an_address_names_one_dataset,
    test_another_layout_is_answered_in_its_own_words,
    test_each_item_of_a_batch_names_its_own,
    test_jobs_are_found_by_their_dataset,
    test_jobs_are_listed_by_their_dataset,
    test_metrics_have_the_rows_of_each,
    test_programs_are_told_the_nearest_dataset,
    test_the_datasets_are_listed,
    test_the_nine_ask_the_course_and_all_others_the_release,
    test_what_a_question_means_depends_on_the_dataset,
    test_what_names_no_dataset_is_refused,
    test_what_there_is_to_ask_is_told_of_each,
)

pytestmark = needs_redis


class Waited(NamedTuple):
    """What became of a job while no worker had its dataset."""

    job_id: str
    status: str
    meanwhile: Any  # the answer to a job that was asked later


@pytest.fixture(scope="module", name="there")
def cluster() -> Iterator[Cluster]:
    """Give a web process of three datasets, and a worker that has one of them."""
    with scratch() as folder, running_cluster(folder) as there:
        sources = three_files(folder)
        # Under a name of its own: the content counts.
        poor = there.worker("--data", str(sources.datasets[0].path))
        there.web(*as_arguments(sources))
        poor.ready(there.redis.client, 1)
        yield there


@pytest.fixture(scope="module", name="waited", autouse=True)
def job_of_a_dataset_that_no_worker_has(there: Cluster) -> Waited:
    """Ask such a job, then start a worker of all datasets."""
    web = there.webs[0]
    job_id = web.post("global_mean", question="Q036", dataset="release")
    meanwhile = web.outcome(web.post("global_mean", question="Q036"))["data"]
    waited = Waited(job_id, web.get(f"api/jobs/{job_id}")["data"]["status"], meanwhile)
    worker = there.worker(*as_arguments(three_files(there.folder)))
    eventually(lambda: len(there.redis.client.zrange(keys.RUNNERS, 0, -1)) == 2)
    assert worker.process.poll() is None
    return waited


@pytest.fixture(scope="module", name="client")
def client_of(there: Cluster) -> WaitingClient:
    """Give a client of the web process."""
    return WaitingClient(there.webs[0].port)


def test_a_worker_says_what_it_serves(there: Cluster) -> None:
    line = there.workers[1].first_line()
    assert "1 processes; course: 2 rows, version " in line
    assert "; Redis at" in line.partition(", release: 4 rows, version ")[2]


def test_jobs_of_a_dataset_that_no_worker_has_wait_for_one(there: Cluster, waited: Waited) -> None:
    assert (waited.status, waited.meanwhile) == ("queued", {"global_mean": 31.0})
    assert there.webs[0].outcome(waited.job_id)["data"] == {"global_mean": 40.0}


def test_a_reload_of_a_file_that_has_changed_is_refused(there: Cluster) -> None:
    web = there.webs[0]
    path = two_files(there.folder).datasets[1].path
    path.write_text(path.read_text(encoding="utf-8").replace("44.0", "45.0"), encoding="utf-8")
    answer = web.http.post(f"{web.url}/api/dataset/reload?dataset=course")
    assert answer.json()["data"]["changed"] is False
    answer = web.http.post(f"{web.url}/api/dataset/reload")
    assert (answer.status_code, "not reloaded in a cluster" in answer.text) == (409, True)
