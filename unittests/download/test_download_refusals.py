"""`make data` and servers that send something else than the data, or nothing.

What a user would notice: the file is the one that was there, untouched, or the whole new one.
"""

import shutil
import subprocess
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from unittests.helpers.download import NEW, NEWER, NEWER_ROWS, ROWS, Place
from unittests.helpers.socrata import (
    COLUMNS,
    PAGE,
    UPDATED,
    Fault,
    Socrata,
    as_csv,
    made_up,
    serving,
)

# Bodies that are not what they seem


def test_a_content_length_that_is_too_long(place: Place) -> None:
    place.socrata.framing = "length"
    place.socrata.faults["export"].append(Fault(declared=10))
    assert place.run().code == 0
    place.has(NEW, "export")


@pytest.mark.parametrize(
    ("framing", "fault"),
    [
        ("length", Fault(declared=-5000)),
        ("chunked", Fault(end_at=len(NEW) - 5000)),
        ("close", Fault(end_at=len(NEW) - 5000)),
    ],
)
def test_a_body_that_ends_too_early_as_if_it_were_all(
    place: Place, framing: Any, fault: Fault
) -> None:
    place.socrata.framing = framing
    place.socrata.faults["export"].append(fault)
    run = place.run()
    assert run.code == 0
    if framing == "close":
        # Nothing says that it was all, so that the rest is asked for.
        assert "the connection was closed after" in run.out
        place.has(NEW, "export")
    else:
        assert "what came by the export way is not the release" in run.out
        place.has(NEW, "paged")


@pytest.mark.parametrize("fault", [Fault(body=PAGE), Fault(headers={"Content-Type": "text/html"})])
def test_a_web_page_is_no_csv(place: Place, fault: Fault) -> None:
    place.socrata.always["export"] = fault
    run = place.run()
    assert "the export: expected a CSV, found a web page" in run.out
    assert run.code == 0
    place.has(NEW, "paged")


def test_a_web_page_does_not_cost_what_came_before(place: Place) -> None:
    place.socrata.framing = "length"
    place.socrata.faults["export"].extend([Fault(cut_at=30_000), Fault(body=PAGE)])
    place.socrata.always["page"] = Fault(body=PAGE)
    assert place.run().code == 1
    place.has_old()
    assert place.run().code == 0
    assert place.socrata.asks("export")[-1].headers["Range"] == "bytes=24576-"


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("about", "/api/views/hn4x-zwk7.json"),
        ("count", "/resource/hn4x-zwk7.json?$select=count(*)"),
    ],
)
def test_a_server_that_is_not_socrata(place: Place, kind: Any, path: str) -> None:
    no_columns = b'{"rowsUpdatedAt":1767225600,"columns":null}'
    for body in (PAGE, b"[]", b"{}", no_columns, b'[{"count":"many"}]', b"", b"[[1]]"):
        place.socrata.always[kind] = Fault(body=body)
        run = place.run()
        assert (run.code, run.pauses) == (1, []), body
        reason, end = run.err.splitlines()
        wrong = f"{path} does not describe dataset hn4x-zwk7 as Socrata does"
        assert "expected JSON, found" in reason or reason.endswith(wrong), body
        assert end == "make data: nothing was replaced"  # and nothing is kept
        place.has_old()


def test_a_count_that_differs_is_not_put_in_place(place: Place) -> None:
    for difference in (-1, 1):
        place.socrata.miscounted = difference
        run = place.run()
        assert run.code == 1
        assert f"CDC counts {300 + difference}" in run.err
        place.has_old()
        assert place.files() == {"cdc.csv"}  # what is proved wrong is not gone on with


@pytest.mark.parametrize(
    ("columns", "rows", "reason"),
    [
        (COLUMNS[1:], [row[1:] for row in ROWS], "expected one column named YearStart, found none"),
        (COLUMNS, [("soon", *row[1:]) for row in ROWS], "expected a year"),
        (COLUMNS, [], "expected at least one row"),
    ],
)
def test_what_the_server_could_not_load_is_not_put_in_place(
    tmp_path: Path, capsys: Any, columns: Any, rows: Any, reason: str
) -> None:
    with serving(Socrata(rows, columns)) as socrata:
        place = Place(tmp_path, socrata, capsys)
        run = place.run()
    assert run.code == 1
    assert reason in run.out
    assert reason in run.err
    place.has_old()
    assert place.files() == {"cdc.csv"}


# Pages that go wrong


def test_pages_that_came_are_not_asked_for_again(place: Place) -> None:
    fetched = [Fault(), Fault(), *[Fault(cut_at=100)] * 4]
    place.socrata.faults["page"].extend(fetched)
    run = place.run("--paged", "--page-rows", "100")
    assert run.code == 1
    assert "rows from 201 on: the connection was cut; gave up after 4 tries" in run.err
    place.has_old()
    asked = len(place.socrata.asks("page"))
    assert place.run("--paged", "--page-rows", "50").code == 0
    offsets = [ask.parameters["$offset"] for ask in place.socrata.asks("page")[asked:]]
    assert offsets == ["200", "250", "300"]
    place.has(NEW, "paged")


def test_pages_of_an_older_release_are_not_gone_on_with(place: Place) -> None:
    place.socrata.faults["page"].extend([Fault(), *[Fault(status=500)] * 4])
    assert place.run("--paged", "--page-rows", "100").code == 1
    place.socrata.publish(NEWER_ROWS, UPDATED + 1)
    assert place.run("--paged", "--page-rows", "100").code == 0
    place.has(NEWER, "paged")


def test_pages_of_two_releases_are_never_put_together(place: Place) -> None:
    same_number = made_up(300, value="31.5")
    newer = Fault(before=lambda: place.socrata.publish(same_number, UPDATED + 1))
    place.socrata.faults["page"].extend([Fault(), newer])
    run = place.run("--paged", "--page-rows", "100")
    assert "CDC has changed the data meanwhile; starting again" in run.out
    place.has(as_csv(COLUMNS, same_number), "paged")


def test_a_replica_that_lags_is_asked_again(place: Place) -> None:
    place.socrata.faults["page"].append(Fault(headers={"X-SODA2-Data-Out-Of-Date": "true"}))
    run = place.run("--paged")
    assert "the server's copy of the data lags behind; trying again" in run.out
    place.has(NEW, "paged")


def test_pages_from_replicas_that_differ_are_not_put_together(place: Place) -> None:
    older = Fault(headers={"X-SODA2-Truth-Last-Modified": formatdate(UPDATED - 60, usegmt=True)})
    place.socrata.faults["page"].extend([Fault(), older])
    run = place.run("--paged", "--page-rows", "100")
    assert run.code == 1
    assert "CDC changed the data between two pages" in run.err
    place.has_old()
    assert place.files() == {"cdc.csv"}


def test_a_server_that_gives_less_than_asked_is_gone_on_with(place: Place) -> None:
    place.socrata.most_page_rows = 120
    assert place.run("--paged", "--page-rows", "200").code == 0
    offsets = [ask.parameters["$offset"] for ask in place.socrata.asks("page")]
    assert offsets == ["0", "120", "240"]
    place.has(NEW, "paged")


def test_a_page_cut_in_a_row_is_asked_for_again(place: Place) -> None:
    place.socrata.faults["page"].append(Fault(end_at=5000))
    run = place.run("--paged")
    assert run.code == 0
    assert "trying again" in run.out
    place.has(NEW, "paged")


def test_a_server_that_knows_no_offset_is_found_out(place: Place) -> None:
    place.socrata.offsets = False
    run = place.run("--paged", "--page-rows", "100")
    assert run.code == 1
    assert "400 rows came, and CDC counts 300" in run.err
    place.has_old()
    assert place.files() == {"cdc.csv"}


def test_pages_that_are_something_else(place: Place) -> None:
    for body in (b"", b"a,b\n1,2\n", PAGE):
        place.socrata.always["page"] = Fault(body=body)
        assert place.run("--paged").code == 1, body
        place.has_old()


# Servers that say no


def test_a_pause_that_the_server_asks_for_is_made(place: Place) -> None:
    throttled = [Fault(status=429, headers={"Retry-After": text}) for text in ("7", "0", "soon")]
    place.socrata.faults["export"].extend(throttled)
    run = place.run()
    assert run.code == 0
    assert "the server says 429 Too Many Requests; trying again in 7 s (try 2 of 4)" in run.out
    assert run.pauses == [7.0, 0.0, 4.0]
    place.has(NEW, "export")


def test_a_pause_may_be_asked_for_as_a_date(place: Place) -> None:
    past = formatdate(UPDATED, usegmt=True)
    place.socrata.faults["about"].append(Fault(status=503, headers={"Retry-After": past}))
    run = place.run()
    assert (run.code, run.pauses) == (0, [0.0])


def test_a_pause_beyond_the_time_there_is_is_not_made(place: Place) -> None:
    place.socrata.always["about"] = Fault(status=429, headers={"Retry-After": "86400"})
    run = place.run()
    assert (run.code, run.pauses) == (1, [])
    assert "gave up, as the next try would be in 86400 s" in run.err
    place.has_old()


def test_what_may_pass_is_tried_again_but_not_for_ever(place: Place) -> None:
    place.socrata.always["export"] = place.socrata.always["page"] = Fault(status=500)
    run = place.run()
    assert run.code == 1
    assert "the server says 500" in run.err
    assert run.pauses == [1, 2, 4] * 2  # the export, then the first page
    assert len(place.socrata.asks("export")) == len(place.socrata.asks("page")) == 4
    place.has_old()


def test_the_answers_that_may_pass(place: Place) -> None:
    for status in (202, 408, 425, 429, 504):
        place.socrata.always["about"] = Fault(status=status)
        run = place.run(policy={"tries": 2})
        assert (run.code, run.pauses) == (1, [1]), status
        assert f"the server says {status}" in run.err
        place.has_old()


def test_all_tries_together_end_in_time(place: Place) -> None:
    place.socrata.always["about"] = Fault(status=500)
    run = place.run(policy={"tries": 1000, "total": 600.0})
    assert run.code == 1
    assert "gave up after 10 minutes" in run.err
    assert max(run.pauses) == 60
    assert sum(run.pauses) <= 600


def test_what_will_not_pass_ends_at_once(place: Place) -> None:
    said = b'{"code":"denied","message":"Invalid app_token: t0ken-of-mine"}'
    for status in (400, 401, 403, 404, 410):
        place.socrata.always["about"] = Fault(status=status, body=said)
        run = place.run("--token", "t0ken-of-mine")
        assert (run.code, run.pauses) == (1, []), status
        assert f"the dataset's description: the server says {status} " in run.err
        assert ": Invalid app_token: ... (http://127.0.0.1:" in run.err
        place.has_old()


def test_nobody_is_there(place: Place) -> None:
    place.socrata.url = "http://127.0.0.1:1"
    run = place.run()
    assert run.code == 1
    assert "the dataset's description: no connection (Connection refused); gave up" in run.err
    place.has_old()


def test_a_certificate_that_nobody_vouches_for(tmp_path: Path, capsys: Any) -> None:
    openssl = shutil.which("openssl")
    if not openssl:
        pytest.skip("needs openssl, to make a certificate")
    pem = tmp_path / "server.pem"
    command = [openssl, "req", "-x509", "-nodes", "-days", "1", "-newkey", "ec"]
    command += ["-pkeyopt", "ec_paramgen_curve:prime256v1"]  # made sooner than a key of RSA
    command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "certificate")]
    subprocess.run(command, check=True, capture_output=True)
    pem.write_bytes((tmp_path / "key").read_bytes() + (tmp_path / "certificate").read_bytes())
    folder = tmp_path / "there"
    folder.mkdir()
    with serving(Socrata(ROWS), pem) as socrata:
        place = Place(folder, socrata, capsys)
        run = place.run()
        assert (run.code, run.pauses) == (1, [])
        assert "the server's certificate is not trusted" in run.err
        place.has_old()


# The token, and redirects


def test_the_token_is_sent_and_not_shown(place: Place) -> None:
    place.socrata.faults["export"].append(Fault(status=500))
    run = place.run(SOCRATA_APP_TOKEN="t0ken-of-mine")
    assert run.code == 0
    assert {asked.headers["X-App-Token"] for asked in place.socrata.asked} == {"t0ken-of-mine"}
    assert "t0ken" not in run.out + run.err
    for path in place.folder.iterdir():
        assert b"t0ken" not in path.read_bytes()


def test_a_redirect_is_followed_but_strangers_do_not_get_the_token(place: Place) -> None:
    with serving(Socrata(ROWS)) as other:
        where = f"{other.url}/api/views/hn4x-zwk7/rows.csv?accessType=DOWNLOAD"
        place.socrata.always["export"] = Fault(status=302, headers={"Location": where})
        assert place.run("--token", "t0ken-of-mine").code == 0
        place.has(NEW, "export")
        (asked,) = other.asked
        assert "X-App-Token" not in asked.headers


def test_redirects_in_a_circle_end(place: Place) -> None:
    where = f"{place.socrata.url}/api/views/hn4x-zwk7.json"
    place.socrata.always["about"] = Fault(status=302, headers={"Location": where})
    run = place.run()
    assert (run.code, run.pauses) == (1, [])
    assert "redirects" in run.err
    place.has_old()
