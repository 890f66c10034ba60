"""Each route with each question and state, against the CSV; order told apart from value."""

import itertools
import threading
from collections.abc import Mapping
from typing import Any

from app.grade.bench import ANSWER_SECONDS, Bench, data_of, differs, side_by_side_of
from app.grade.expected import ORDERED, ROUTES
from app.grade.findings import Exchange

_CLIENTS, _AT_A_TIME = 4, 10
_SAME = 1e-9  # values that are nearer may stand in either order, unless they are equal


def run(bench: Bench) -> None:
    """Ask everything that can be asked."""
    cases = list(bench.expected.cases())
    bench.chance.shuffle(cases)
    lock = threading.Lock()
    silent: set[str] = set()  # routes that gave no answer, and are not waited for again
    done = 0

    def client() -> None:
        nonlocal done
        with bench.client() as http:
            while True:
                with lock:
                    batch = [cases.pop() for _ in range(min(_AT_A_TIME, len(cases)))]
                if not batch or bench.is_enough:
                    return
                asked = []
                for route, question, state in batch:
                    if route in silent:
                        continue
                    body = {"question": question} | ({"state": state} if state else {})
                    submit = http.submit(route, body)
                    asked.append((route, bench.expected.answer(route, question, state), submit))
                for route, right, submit in asked:
                    if route in silent:
                        continue
                    result = _result(bench, http, submit)
                    with lock:
                        done += 1
                        if data_of(result) is None:
                            silent.add(route)
                        _judge(bench, route, right, submit, result)

    side_by_side_of(client, _CLIENTS)
    if not bench.faults:
        _told(bench)
    bench.silence(f"All {done:,} answers were compared, to 1e-6: these routes are right.")


def _result(bench: Bench, http: Any, submit: Exchange) -> Exchange:
    job_id = submit.job_id
    return bench.ended(http, job_id, ANSWER_SECONDS) if job_id else submit


def _judge(
    bench: Bench, route: str, right: Mapping[str, Any], submit: Exchange, result: Exchange
) -> None:
    data = data_of(result)
    if submit.job_id is None:
        bench.found("no-answer", f"/api/{route} gave no job_id", submit, where=route)
    elif data is None:
        bench.found(
            "no-answer",
            f"/api/{route}: the job did not come to an answer",
            submit,
            result,
            where=route,
        )
    elif wrong := _without_ties(route, data, right):
        bench.found("wrong-answer", f"/api/{route}: {wrong}", submit, result, where=route)
    elif route in ORDERED and (wrong := misplaced(route, data, right)):
        bench.found("wrong-order", f"/api/{route}: {wrong}", submit, result, where=route)


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
        plain = http.call("POST", f"/api/{route}", _json(body), None)
        if plain.job_id is None:
            bench.note(
                f"A submit without Content-Type, as plain `curl -d` of a script may send it, got "
                f"{plain.status}: the contract has it understood."
            )
        doubled = http.call("POST", f"//api/{route}", _json(body))
        if doubled.job_id is None:
            bench.note(
                f"//api/{route}, as the course's checker writes it, got {doubled.status}: the "
                "contract "
                "has doubled slashes served like single ones."
            )
        else:
            bench.ended(http, doubled.job_id)


def _json(body: object) -> bytes:
    import json

    return json.dumps(body).encode()
