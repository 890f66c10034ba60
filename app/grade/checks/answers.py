"""Each route with each question and state, against the CSV; order told apart from value."""

import itertools
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.grade.bench import ANSWER_SECONDS, Bench, data_of, differs, side_by_side_of
from app.grade.expected import ORDERED, ROUTES
from app.grade.findings import Exchange
from app.grade.http_client import Client

_CLIENTS, _AT_A_TIME = 4, 10
_SAME = 1e-9  # values that are nearer may stand in either order, unless they are equal


@dataclass(frozen=True, slots=True)
class _Case:
    """Something that was asked, and what came of it."""

    route: str
    body: dict[str, str]
    right: Mapping[str, Any]
    submit: Exchange
    result: Exchange


def run(bench: Bench) -> None:
    """Ask everything that can be asked; ask again, alone, where an answer is wrong."""
    cases = list(bench.expected.cases())
    bench.chance.shuffle(cases)
    lock = threading.Lock()  # guards what follows
    suspects: dict[str, _Case] = {}  # by route: the first one whose answer is wrong
    asked = 0

    def client() -> None:
        nonlocal asked
        with bench.client() as http:
            while True:
                with lock:
                    batch = [cases.pop() for _ in range(min(_AT_A_TIME, len(cases)))]
                if not batch:
                    return
                batch = [one for one in batch if one[0] not in suspects]
                sent = [(one, _submit(http, *one)) for one in batch]
                for (route, question, state), submit in sent:
                    if route in suspects:
                        continue
                    right = bench.expected.answer(route, question, state)
                    case = _Case(route, _body(question, state), right, submit, submit)
                    case = replace(case, result=_result(bench, http, submit))
                    with lock:
                        asked += 1
                        if _wrong(case)[0]:
                            suspects.setdefault(route, case)

    side_by_side_of(client, _CLIENTS)
    with bench.client() as http:
        for route, case in suspects.items():
            _confirm(bench, http, route, case)
    if not bench.faults:
        _told(bench)
    bench.silence(f"All {asked:,} answers were compared, to 1e-6: these routes are right.")


def _body(question: str, state: str | None) -> dict[str, str]:
    return {"question": question} | ({"state": state} if state else {})


def _submit(http: Client, route: str, question: str, state: str | None) -> Exchange:
    return http.submit(route, _body(question, state))


def _result(bench: Bench, http: Client, submit: Exchange) -> Exchange:
    job_id = submit.job_id
    return bench.ended(http, job_id, ANSWER_SECONDS) if job_id else submit


def _confirm(bench: Bench, http: Client, route: str, case: _Case) -> None:
    """Ask once more, with nobody else there: a right answer now means that clients disturb it."""
    submit = http.submit(route, case.body)
    again = replace(case, submit=submit, result=_result(bench, http, submit))
    name, seen = _wrong(again)
    if name:
        bench.found(name, seen, again.submit, again.result, where=route)
    elif _runs(case.result):
        bench.note(f"/api/{route} took more than {ANSWER_SECONDS:g} s for an answer, once.")
    elif data_of(case.result) is None:
        seen = f"{_wrong(case)[1]}; asked alone, the same had its answer"
        bench.found("submit-failed", seen, case.submit, case.result)
    else:
        seen = f"{_wrong(case)[1]}; asked alone, the same was right"
        bench.found("answer-of-another", seen, case.submit, case.result)


def _runs(result: Exchange) -> bool:
    answer = result.json
    return isinstance(answer, dict) and answer.get("status") == "running"


def _wrong(case: _Case) -> tuple[str, str]:
    """Return the fault that an answer shows, and what is wrong; else two nothings."""
    route, data = case.route, data_of(case.result)
    if case.submit.job_id is None:
        return "no-answer", f"/api/{route} gave no job_id"
    if data is None:
        return "no-answer", f"/api/{route}: the job did not come to an answer"
    if wrong := _without_ties(route, data, case.right):
        return "wrong-answer", f"/api/{route}: {wrong}"
    if route in ORDERED and (wrong := misplaced(route, data, case.right)):
        return "wrong-order", f"/api/{route}: {wrong}"
    return "", ""


def _without_ties(route: str, data: object, right: Mapping[str, Any]) -> str:
    """Tell what is wrong; of five, one that ties with the last but for rounding is as good."""
    wrong = differs(data, right)
    if wrong and route in ("best5", "worst5") and isinstance(data, dict):
        extra = [value for key, value in data.items() if key not in right]
        missing = [value for key, value in right.items() if key not in data]
        last = list(right.values())[-1]
        near = [*extra, *missing]
        if len(extra) == len(missing) and all(
            isinstance(value, float | int) and abs(value - last) <= _SAME for value in near
        ):
            return differs({key: data[key] for key in data if key in right},
                           {key: right[key] for key in right if key in data})  # fmt: skip
    return wrong


def misplaced(route: str, data: Mapping[str, Any], right: Mapping[str, Any]) -> str:
    """Tell which keys of a right answer stand in a wrong order; nothing if all are in place."""
    if route == "state_mean_by_category":
        return next(
            filter(None, (misplaced("", data[key], right[key]) for key in data if key in right)), ""
        )
    by_name = route not in ("states_mean", "best5", "worst5")
    given = [key for key in data if key in right]
    places = {key: place for place, key in enumerate(right)}
    for one, other in itertools.pairwise(given):
        if places[one] < places[other]:
            continue
        if (
            not by_name
            and abs(right[one] - right[other]) <= _SAME
            and (data[one] != data[other] or one < other)
        ):
            continue  # their means differ by what rounding makes of them
        return f"{one!r} stands before {other!r}"
    return ""


def _told(bench: Bench) -> None:
    """Tell of what else a client may do with these routes."""
    route, body, _ = bench.question(ROUTES[0])
    with bench.client() as http:
        plain = http.call("POST", f"/api/{route}", json.dumps(body).encode(), None)
        if plain.job_id is None:
            bench.note(
                f"A submit without Content-Type, as plain `curl -d` of a script may send it, got "
                f"{plain.status}: the contract has it understood."
            )
        doubled = http.call("POST", f"//api/{route}", json.dumps(body).encode())
        if doubled.job_id is None:
            bench.note(
                f"//api/{route}, as the course's checker writes it, got {doubled.status}: "
                "the contract has doubled slashes served like single ones."
            )
        else:
            bench.ended(http, doubled.job_id)
