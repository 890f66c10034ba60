"""Faults of the kind that students make, each a small change of plain_server.py."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

PLAIN = Path(__file__).with_name("plain_server.py")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change, which check finds it, and what it may be found as."""

    check: str
    found: tuple[str, ...]
    changes: tuple[tuple[str, str], ...]

    def source(self) -> str:
        """Return the server with the fault in it."""
        text = PLAIN.read_text(encoding="utf-8")
        for old, new in self.changes:
            if text.count(old) != 1:
                raise ValueError(f"{text.count(old)} times in the plain server: {old}")
            text = text.replace(old, new)
        return text


def _of(check: str, found: str, *changes: tuple[str, str]) -> Mutant:
    return Mutant(check, tuple(found.split()), changes)


_COUNTED = """\
            self.count += 1
            job_id = f"job_id_{self.count}"
            self.results"""
_ACCEPT = """\
        with self.lock:
            if self.closing:
                return None
"""
_RUN = """\
            self.write(job_id, data)
            result = {"status": "done", "data": data}
"""
_WRITE = """\
        with open(path + ".part", "w", encoding="utf-8") as file:
            json.dump(data, file)
        os.replace(path + ".part", path)
"""
_IN_PLACE = """\
        with open(path, "w", encoding="utf-8") as file:
            for piece in json.JSONEncoder().iterencode(data):
                file.write(piece)
                file.flush()
"""
_GET = """\
        return answer(result)

    @app.get("/api/jobs")"""
_FROM_FILE = """\
        path = f"results/job_id_{job_id.removeprefix('job_id_')}.json"
        if result["status"] != "done"UNLESS:
            return answer(result)
        with open(path) as file:
            text = file.read()
        return Response('{"status": "done", "data": ' + text + "}", mimetype="application/json")

    @app.get("/api/jobs")"""
_COUNT = "        self.count = 0\n"
_EXIT = """\
        log.info("exit %s %s %s", request.method, request.path, response.status_code)
"""
_LAST = "            self.unfinished -= 1\n"
_SENTINELS = """\
            for _ in self.workers:
                self.queue.put(None)
"""
_SUBMIT = "        job_id = jobs.submit(kind, question, state)\n"
_CHECKED = """\
        if kind in OF_A_STATE and state not in (row[0] for row in data.rows[question]):
            return answer({"status": "error", "reason": "unknown state"}, 400)
"""

MUTANTS: Mapping[str, Mutant] = MappingProxyType(
    {
        # -- answers
        "all years count": _of(
            "answers", "wrong-answer",
            ("""\
                if int(row["YearStart"]) < 2011 or int(row["YearEnd"]) > 2022:
                    continue
""", ""),
        ),
        "high is always best": _of(
            "answers", "wrong-answer",
            ("        match kind:\n", "        best = list(means)[::-1]\n        match kind:\n"),
        ),
        "JSON sorts the keys": _of(
            "answers", "wrong-order",
            ("json.dumps(data), status", "json.dumps(data, sort_keys=True), status"),
        ),
        # -- identity
        "id made before the lock": _of(
            "identity", "id-given-twice",
            (_ACCEPT, '        job_id = f"job_id_{self.count + 1}"\n'
                      '        self.log.info("%s for %s", job_id, kind)\n' + _ACCEPT),
            (_COUNTED, "            self.count += 1\n            self.results"),
        ),
        "counter read outside its lock": _of(
            "identity", "id-given-twice id-skipped",
            (_ACCEPT, """\
        with self.lock:
            self.count += 1
        self.log.info("a job for %s", kind)
        job_id = f"job_id_{self.count}"
""" + _ACCEPT),
            (_COUNTED, "            self.results"),
        ),
        "counter increased without a lock": _of(
            "identity", "id-given-twice",
            (_ACCEPT, """\
        count = self.count
        self.log.info("job number %d", count + 1)
        self.count = count + 1
        job_id = f"job_id_{count + 1}"
""" + _ACCEPT),
            (_COUNTED, "            self.results"),
        ),
        "counter increased twice": _of(
            "identity", "id-skipped",
            ("            self.count += 1\n", "            self.count += 2\n"),
        ),
        "request kept in a global": _of(
            "identity", "answer-of-another",
            (_SUBMIT, """\
        app.config["asked"] = (kind, question, state)
        log.info("%s is asked", kind)
        job_id = jobs.submit(*app.config["asked"])
"""),
        ),
        "a closure shares its variable": _of(
            "identity", "answer-of-another",
            ("self.queue.put((job_id, kind, question, state))",
             "self.asked = question, state; self.queue.put((job_id, kind))"),
            ("self.run(*job)", "self.run(*job, *self.asked)"),
        ),
        # -- impatience
        "registered by the worker": _of(
            "impatience", "job-unknown jobs-list",
            ('            self.results[job_id] = {"status": "running"}\n', ""),
            ("                return\n            self.run",
             '                return\n            self.results[job[0]] = {"status": "running"}\n'
             "            self.run"),
        ),
        "status before data": _of(
            "impatience", "done-without-data",
            (_RUN, """\
            result = self.results[job_id]
            result["status"] = "done"
            self.log.info("%s is done", job_id)
            self.write(job_id, data)
            result["data"] = data
"""),
        ),
        "answers from a file that is written": _of(
            "impatience", "half-json poll-fails",
            (_WRITE, _IN_PLACE),
            (_GET, _FROM_FILE.replace("UNLESS", " and not os.path.exists(path)")),
        ),
        "jobs listed without the lock": _of(
            "impatience", "jobs-list",
            ("""\
        with self.lock:
            return [{job_id: result["status"]} for""", """\
        if True:
            return [{job_id: self.status(job_id)["status"]} for"""),
        ),
        "counts the queue": _of(
            "impatience", "num-jobs", ("            return self.unfinished\n",
                                       "            return self.queue.qsize()\n"),
        ),
        "forgets what was fetched": _of(
            "impatience", "result-changes",
            (_GET, """\
        if result["status"] == "done":
            jobs.results.pop(job_id)
""" + _GET),
        ),
        # -- files
        "written in place": _of("files", "torn-file", (_WRITE, _IN_PLACE)),
        "status before file": _of(
            "files", "late-file",
            (_RUN, '            result = {"status": "done", "data": data}\n'),
            (_LAST, _LAST + """\
        self.log.info("%s is done", job_id)
        self.write(job_id, result.get("data"))
"""),
        ),
        "the file has the whole answer": _of(
            "files", "other-file",
            ("            json.dump(data, file)\n",
             '            json.dump({"status": "done", "data": data}, file)\n'),
        ),
        "needs its files": _of(
            "files", "deleted-files", (_GET, _FROM_FILE.replace("UNLESS", ""))
        ),
        # -- drain
        "shutdown looked at when the request comes in": _of(
            "drain", "accepted-afterwards jobs-lost",
            (_ACCEPT, "        with self.lock:\n"),
            ("        log.info(\"enter", """\
        if jobs.closing and request.method == "POST" and "shutdown" not in request.path:
            return answer({"status": "error", "reason": "shutting down"}, 503)
        log.info("enter"""),
            ("def enter() -> None:", "def enter() -> Any:"),
        ),
        "flag read before the job is queued": _of(
            "drain", "jobs-lost accepted-afterwards",
            (_ACCEPT, """\
        if self.closing:
            return None
        self.log.info("accepted: %s", kind)
        with self.lock:
"""),
        ),
        "no submit is refused": _of(
            "drain", "accepted-afterwards jobs-lost", (_ACCEPT, "        with self.lock:\n")
        ),
        "workers stop at the flag": _of(
            "drain", "jobs-lost",
            ("            if job is None:", "            if job is None or self.closing:"),
        ),
        "sentinels in front of the work": _of(
            "drain", "jobs-lost",
            ("queue.Queue[Any] = queue.Queue()", "queue.Queue[Any] = queue.LifoQueue()"),
        ),
        "one sentinel for all": _of(
            "drain", "threads-remain",
            (_SENTINELS, "            self.queue.put(None)\n"),
        ),
        "done when the queue is empty": _of(
            "drain", "done-too-soon",
            (_SENTINELS, ""),
            ("            job = self.queue.get()\n            if job is None:\n", """\
            try:
                job = self.queue.get(timeout=0.05)
            except queue.Empty:
                job = None
            if job is None and not self.closing:
                continue
            if job is None:
"""),
            ('{"status": "running" if jobs.left() else "done"}',
             '{"status": "done" if jobs.queue.empty() else "running"}'),
        ),
        "daemon threads cut off": _of(
            "drain", "results-gone",
            (_SENTINELS, "            threading.Timer(0.02, os._exit, (0,)).start()\n"),
        ),
        "joins the workers under the lock they need": _of(
            "drain", "call-hangs",
            (_SENTINELS, _SENTINELS + """\
            for worker in self.workers:
                worker.join()
"""),
        ),
        "a second call fails": _of(
            "drain", "second-call",
            ("                return\n            self.closing",
             "                raise RuntimeError\n            self.closing"),
        ),
        "SIGTERM joins for ever": _of(
            "drain", "does-not-end",
            ("    port, path = sys.argv[1:]\n", """\
    import signal

    port, path = sys.argv[1:]
    never = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: never.wait())
"""),
        ),
        # -- workers
        "asks the queue again and again": _of(
            "workers", "busy-waiting",
            ("            job = self.queue.get()\n", """\
            if self.queue.empty():
                continue
            try:
                job = self.queue.get_nowait()
            except queue.Empty:
                continue
"""),
        ),
        "TP_NUM_OF_THREADS is not read": _of(
            "workers", "too-few-workers",
            ('int(os.environ.get("TP_NUM_OF_THREADS") or os.cpu_count() or 1)', "4"),
        ),
        "the pool is started twice": _of(
            "workers", "too-many-workers",
            ("for _ in range(threads)]", "for _ in range(2 * threads)]"),
        ),
        "one lock for the whole job": _of(
            "workers", "no-speed-up",
            ("            self.run(*job)\n",
             "            with self.running:\n                self.run(*job)\n"),
            ("        time.sleep(PAUSE)\n", "        time.sleep(4 * PAUSE)\n"),
            (_COUNT, _COUNT + "        self.running = threading.Lock()\n"),
        ),
        "an exception ends the worker": _of(
            "workers", "worker-killed",
            (_CHECKED, ""),
            ("except Exception as error", "except ValueError as error"),
        ),
        "a thread for each job that never ends": _of(
            "workers", "threads-grow",
            ("            self.run(*job)\n", """\
            self.run(*job)
            threading.Thread(target=threading.Event().wait, daemon=True).start()
"""),
        ),
        "a copy of the table for each job": _of(
            "workers", "memory-grows",
            ("            self.run(*job)\n", """\
            self.run(*job)
            self.kept.append(bytearray(b"x" * 300_000))
"""),
            (_COUNT, _COUNT + "        self.kept: list[Any] = []\n"),
        ),
        # -- input
        "a field is taken for granted": _of(
            "input", "body-500",
            ('body.get("question"), str', 'body["question"], str'),
        ),
        "errors are HTML": _of(
            "input", "html-error",
            ('return answer({"status": "error", "reason": error.description}, error.code or 500)',
             "return error.get_response()"),
        ),
        "errors show a traceback": _of(
            "input", "traceback",
            ('        if not isinstance(body, dict):\n', """\
        try:
            body["question"]
        except (KeyError, TypeError):
            import traceback

            return answer({"status": "error", "reason": traceback.format_exc()}, 400)
        if not isinstance(body, dict):
"""),
        ),
        "a bad body keeps the lock": _of(
            "input", "bad-body-hangs server-dies",
            ("        if not isinstance(question, str)", """\
        if not isinstance(question, str):
            jobs.lock.acquire()
        if not isinstance(question, str)"""),
        ),
        "a huge body ends the server": _of(
            "input", "server-dies",
            ("        try:\n            body = json", """\
        if len(request.get_data()) > 1_000_000:
            os._exit(1)
        try:
            body = json"""),
        ),
        # -- log
        "no line for the exit": _of(
            "log", "no-entry-exit",
            (_EXIT, ""),
        ),
        "local time": _of("log", "local-time", ("    form.converter = time.gmtime\n", "")),
        "the log grows for ever": _of(
            "log", "no-rotation",
            ('RotatingFileHandler("webserver.log", maxBytes=1_000_000, backupCount=3)',
             'logging.FileHandler("webserver.log")'),
        ),
        "lines in two pieces": _of(
            "log", "torn-lines",
            ("    handler.setFormatter(form)\n", """\
    handler.setFormatter(form)

    def emit(record: logging.LogRecord) -> None:
        text = handler.format(record)
        file = handler.stream or handler._open()
        for piece in (text[:30], text[30:] + "\\n"):
            file.write(piece)
            file.flush()

    handler.handle = emit
"""),
        ),
    }
)  # fmt: skip
