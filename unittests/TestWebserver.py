"""Every route of the contract, over real requests to a server as users run it.

Runs under pytest, and under plain `python -m unittest unittests.TestWebserver` too.
"""

import json
import re
import unittest
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urljoin

import requests

from app.sources import BOX
from unittests.helpers.catalogue import as_arguments
from unittests.helpers.data import OBESITY
from unittests.helpers.figures import Figures, figures
from unittests.helpers.files import scratch
from unittests.helpers.registry import COURSE_STATISTICS
from unittests.helpers.server import Api, running_server
from unittests.helpers.waiting import PATIENCE

STATE = "Ohio"


class TestWebserver(unittest.TestCase):
    """One server for all tests of the class; each test asks only for jobs of its own."""

    _stack: ClassVar[ExitStack]
    server: ClassVar[Api]
    figures: ClassVar[Figures]
    clients: ClassVar[int] = 4
    questions: ClassVar[int] = 2  # that each client asks

    @classmethod
    def setUpClass(cls) -> None:
        cls._stack = ExitStack()
        cls.figures = figures()
        folder = cls._stack.enter_context(scratch())
        cls.server = cls._stack.enter_context(cls.serve(folder))

    @classmethod
    def serve(cls, folder: Path) -> AbstractContextManager[Api]:
        """Give the server that is asked."""
        return running_server(folder, *as_arguments(BOX))

    @classmethod
    def tearDownClass(cls) -> None:
        cls._stack.close()

    def ask(self, statistic: str, state: str | None = None) -> Any:
        """Submit a job, wait for it and return the data of its answer."""
        body = {"question": OBESITY} | ({"state": state} if state else {})
        answer = self.server.outcome(self.server.post(statistic, **body))
        self.assertEqual(answer["status"], "done", answer)
        return answer["data"]

    def check(self, statistic: str, state: str | None = None) -> None:
        """Compare an answer, its order included, with the exact one."""
        data = self.ask(statistic, state)
        wanted = self.figures.answer(statistic, OBESITY, state)
        self.assertEqual(data, wanted)
        self.assertEqual(list(data), list(wanted))

    def test_states_mean(self) -> None:
        self.check("states_mean")

    def test_state_mean(self) -> None:
        self.check("state_mean", STATE)

    def test_best5(self) -> None:
        self.check("best5")

    def test_worst5(self) -> None:
        self.check("worst5")

    def test_global_mean(self) -> None:
        self.check("global_mean")

    def test_diff_from_mean(self) -> None:
        self.check("diff_from_mean")

    def test_state_diff_from_mean(self) -> None:
        self.check("state_diff_from_mean", STATE)

    def test_mean_by_category(self) -> None:
        self.check("mean_by_category")

    def test_state_mean_by_category(self) -> None:
        self.check("state_mean_by_category", STATE)

    def test_every_statistic_has_a_test_here(self) -> None:
        self.assertLessEqual({f"test_{name}" for name in COURSE_STATISTICS}, set(dir(self)))

    def test_submit_answers_an_id_and_nothing_else(self) -> None:
        url = f"{self.server.url}/api/global_mean"
        answer = requests.post(url, json={"question": OBESITY}, timeout=PATIENCE)
        self.assertEqual(answer.status_code, 200)
        self.assertRegex(answer.text, r'^{"job_id":"job_id_[1-9]\d*"}$')

    def test_plain_curl_is_understood(self) -> None:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        body = '{"question": "q036 ", "state": " oh"}'
        url = f"{self.server.url}//api//state_mean"
        answer = requests.post(
            url, data=body, headers=headers, timeout=PATIENCE, allow_redirects=False
        )
        self.assertEqual(answer.status_code, 200, answer.text)
        data = self.server.outcome(answer.json()["job_id"])["data"]
        self.assertEqual(data, self.figures.answer("state_mean", OBESITY, STATE))

    def test_get_results_takes_both_forms_of_an_id(self) -> None:
        job_id = self.server.post("global_mean", question=OBESITY)
        long_form = self.server.outcome(job_id)
        self.assertEqual(long_form, self.server.get(f"api/get_results/{job_id[7:]}"))

    def test_get_results_of_no_job(self) -> None:
        wrong = ("job_id_999999", "0", "-1", "job_id_", "job_id_07", "1%0a", "..%2f1", "\u0661")
        for job_id in wrong:
            answer = requests.get(f"{self.server.url}/api/get_results/{job_id}", timeout=PATIENCE)
            self.assertEqual(answer.status_code, 404, job_id)
            self.assertEqual(answer.json()["status"], "error", job_id)
        answer = requests.get(f"{self.server.url}/api/get_results/999999", timeout=PATIENCE)
        self.assertEqual(answer.json(), {"status": "error", "reason": "Invalid job_id"})

    def test_the_file_holds_exactly_the_data(self) -> None:
        job_id = self.server.post("states_mean", question=OBESITY)
        answer = self.server.outcome(job_id)
        url = f"{self.server.url}/api/get_results/{job_id}"
        stored = (self.server.results / f"{job_id}.json").read_bytes()
        self.assertEqual(
            requests.get(url, timeout=PATIENCE).content, b'{"status":"done","data":%b}' % stored
        )
        self.assertEqual(answer["data"], self.figures.answer("states_mean", OBESITY))

    def test_jobs_lists_all_in_order(self) -> None:
        job_id = self.server.post("best5", question=OBESITY)
        self.server.outcome(job_id)
        answer = self.server.get("api/jobs")
        self.assertEqual(answer["status"], "done")
        ids = [next(iter(row)) for row in answer["data"]]
        self.assertEqual(ids, [f"job_id_{n}" for n in range(1, len(ids) + 1)])
        self.assertIn({job_id: "done"}, answer["data"])

    def test_jobs_in_pages(self) -> None:
        job_id = self.server.post("best5", question=OBESITY)
        self.server.outcome(job_id)
        page = self.server.get(f"api/jobs?status=done&after={int(job_id[7:]) - 1}&limit=1")
        self.assertEqual(page, {"status": "done", "data": [{job_id: "done"}]})

    def test_activity(self) -> None:
        job_id = self.server.post("state_mean", question=OBESITY, state=STATE)
        self.server.outcome(job_id)
        after = int(job_id[7:]) + 1
        told = self.server.get(f"api/activity?before={after}&limit=1&text={STATE}&status=done")
        self.assertEqual(told["status"], "done")
        [job] = told["data"]["page"]
        self.assertEqual((job["job_id"], job["status"]), (job_id, "done"))
        self.assertEqual(job["parameters"], {"question": OBESITY, "state": STATE})
        waited = self.server.get(f"api/activity?since={told['data']['state']}&wait=0.1")
        self.assertTrue(waited["data"]["accepting"])

    def test_a_batch_and_its_results(self) -> None:
        items = [
            {"statistic": name, "question": OBESITY, "state": STATE}
            for name in ("best5", "state_mean")
        ]
        ids = requests.post(f"{self.server.url}/api/batch", json=items, timeout=PATIENCE).json()
        url = f"{self.server.url}/api/batch/results?wait=20"
        lines = requests.post(url, json=ids, timeout=PATIENCE).text.splitlines()
        wanted = [
            {"job_id": job_id, "status": "done", "data": self.figures.answer(name, OBESITY, state)}
            for job_id, name, state in zip(
                ids["job_ids"], ("best5", "state_mean"), (None, STATE), strict=True
            )
        ]
        self.assertEqual([json.loads(line) for line in lines], wanted)

    def test_waiting_for_a_result(self) -> None:
        job_id = self.server.post("global_mean", question=OBESITY)
        answer = self.server.get(f"api/get_results/{job_id}?wait=20")
        self.assertEqual(answer["data"], self.figures.answer("global_mean", OBESITY))

    def table_of(self, statistic: str, **body: Any) -> Any:
        """Submit a job of a statistic with a table and return the table."""
        url = f"{self.server.url}/api/{statistic}"
        answer = requests.post(url, json=body, timeout=PATIENCE)
        self.assertEqual(answer.status_code, 200, answer.text)
        return self.server.outcome(answer.json()["job_id"])["data"]

    def test_query(self) -> None:
        asked = {"question": "Q036", "method": "mean", "group_by": ["state"]}
        table = self.table_of("query", **asked, dataset="course")
        means = {row[0]: row[1] for row in table["rows"]}
        exact = self.figures.answer("states_mean", OBESITY)
        self.assertEqual(means, {state: round(mean, 6) for state, mean in exact.items()})

    def test_trend(self) -> None:
        table = self.table_of("trend", question="Q036", state="Ohio")
        self.assertEqual([row[0] for row in table["rows"]], ["Ohio"])

    def test_ranking(self) -> None:
        table = self.table_of("ranking", question="Q036")
        values = [row[table["columns"].index("value")] for row in table["rows"]]
        self.assertEqual(values, sorted(values))  # little obesity is good

    def test_disparity(self) -> None:
        body = {"question": "Q036", "category": "Income", "state": "Ohio"}
        table = self.table_of("disparity", **body, reference="best")
        gaps = [row[table["columns"].index("gap")] for row in table["rows"]]
        self.assertEqual(min(gaps), 0)  # of the best stratum, which is compared with

    def test_compare(self) -> None:
        table = self.table_of("compare", states=["Ohio", "Texas"], stratum="Male")
        first, second, difference = (
            [row[table["columns"].index(name)] for row in table["rows"]]
            for name in ("first", "second", "difference")
        )
        for one, other, gap in zip(first, second, difference, strict=True):
            if None not in (one, other):  # the bundled data lack some rows of Total
                self.assertAlmostEqual(one - other, gap, places=5)

    def test_correlation(self) -> None:
        table = self.table_of("correlation", questions=["Q036", "Q047"])
        self.assertTrue(all(-1 <= row[1] <= 1 for row in table["rows"]))

    def test_a_job_explains_itself(self) -> None:
        job_id = self.server.post("state_mean", question="Q036", state="OH")
        self.server.outcome(job_id)
        explained = self.server.get(f"api/jobs/{job_id}")["data"]
        self.assertEqual(explained["parameters"], {"question": OBESITY, "state": STATE})
        rows = self.server.get(f"api/jobs/{job_id}/rows")["data"]
        self.assertEqual({row[rows["columns"].index("state")] for row in rows["rows"]}, {STATE})

    def test_an_answer_as_a_file(self) -> None:
        job_id = self.server.post("best5", question="Q036")
        url = f"{self.server.url}/api/get_results/{job_id}?wait=20"
        lines = requests.get(f"{url}&format=csv", timeout=PATIENCE).text.splitlines()
        self.assertEqual(len(lines), 6)

    def test_what_the_dataset_holds(self) -> None:
        rows = {one["name"]: one["rows"] for one in self.server.get("api/datasets")["data"]}
        self.assertEqual(rows, {"course": 18_650, "release": 106_260})
        self.assertEqual(self.server.get("api/dataset")["data"]["rows"], 106_260)
        self.assertEqual(len(self.server.get("api/questions")["data"]), 9)
        self.assertEqual(len(self.server.get("api/states")["data"]), 55)
        self.assertIn("Income", [one["name"] for one in self.server.get("api/categories")["data"]])

    def test_reload(self) -> None:
        answer = requests.post(f"{self.server.url}/api/dataset/reload", timeout=PATIENCE)
        self.assertEqual((answer.status_code, answer.json()["data"]["changed"]), (200, False))

    def test_num_jobs_counts_down_to_none(self) -> None:
        self.server.outcome(self.server.post("best5", question=OBESITY))
        self.assertEqual(self.server.get("api/num_jobs"), {"status": "done", "num_jobs": 0})

    def test_health(self) -> None:
        answer = requests.get(f"{self.server.url}/api/health", timeout=PATIENCE)
        self.assertEqual((answer.status_code, answer.json()), (200, {"status": "ok"}))

    def test_index_tells_where_to_look(self) -> None:
        for path in ("", "index"):
            self.assertIn("/openapi", self.server.get(path).values())

    def test_the_description_and_its_page(self) -> None:
        self.assertEqual(self.server.get("openapi/openapi.json")["openapi"], "3.1.0")
        page = requests.get(f"{self.server.url}/openapi/", timeout=PATIENCE)
        self.assertEqual(page.status_code, 200)
        for path in re.findall(r'(?:src|href)="([^"]+)"', page.text):
            address = urljoin(page.url, path)  # works without the internet
            self.assertTrue(address.startswith(f"{self.server.url}/"), path)
            file = requests.get(address, timeout=PATIENCE)
            self.assertEqual(file.status_code, 200, path)

    def test_many_clients_get_running_or_the_right_answer(self) -> None:
        wanted = {
            (name, question): self.figures.answer(
                name, question, STATE if row.needs_state else None
            )
            for name, row in COURSE_STATISTICS.items()
            for question in self.figures.questions[: self.questions]
        }

        def client(_number: int) -> int:
            with requests.Session() as http:
                for (name, question), data in wanted.items():
                    body = {"question": question, "state": STATE}
                    url = f"{self.server.url}/api/{name}"
                    job_id = http.post(url, json=body, timeout=PATIENCE).json()["job_id"]
                    answer = {"status": "running"}
                    while answer == {"status": "running"}:
                        url = f"{self.server.url}/api/get_results/{job_id}"
                        answer = http.get(url, timeout=PATIENCE).json()
                    assert answer == {"status": "done", "data": data}, (name, question, answer)
            return len(wanted)

        with ThreadPoolExecutor(self.clients) as clients:
            answered = sum(clients.map(client, range(self.clients)))
        self.assertEqual(answered, self.clients * 9 * self.questions)

    def test_graceful_shutdown(self) -> None:
        with scratch() as folder, running_server(folder) as server:
            self.check_shutdown(server)

    def check_shutdown(self, server: Api) -> None:
        """Tell a server to take no more jobs and check that it does what it accepted."""
        job_id = server.post("best5", question=OBESITY)
        self.assertIn(server.get("api/graceful_shutdown")["status"], ("running", "done"))
        refused = requests.post(
            f"{server.url}/api/best5", json={"question": OBESITY}, timeout=PATIENCE
        )
        self.assertEqual(refused.status_code, 503)
        self.assertEqual(refused.json(), {"status": "error", "reason": "shutting down"})
        self.assertEqual(server.outcome(job_id)["status"], "done")
        posted = requests.post(f"{server.url}/api/graceful_shutdown", timeout=PATIENCE)
        self.assertEqual(posted.json(), {"status": "done"})
        health = requests.get(f"{server.url}/api/health", timeout=PATIENCE)
        self.assertEqual(health.status_code, 503)


if __name__ == "__main__":
    unittest.main()
