"""`make data` and servers that send too much, too slowly, or packed: all of it has bounds."""

import gzip

import pytest

from unittests.helpers.download import NEW, Place
from unittests.helpers.socrata import ID, Fault


def endless(place: Place, status: int, **headers: str) -> Fault:
    """Half of it comes, and then nothing, of a body that is said to be a terabyte long."""
    wait = place.socrata.wait
    return Fault(status, headers, body=b" " * 2**18, declared=10**12, meanwhile=wait)


def test_a_refusal_without_an_end_is_read_only_in_part(place: Place) -> None:
    place.socrata.always["about"] = endless(place, 400)
    run = place.run(policy={"silence": 60.0})
    assert run.code == 1
    assert "the dataset's description: the server says 400" in run.err
    place.has_old()


def test_a_redirect_without_an_end_is_followed(place: Place) -> None:
    url = f"{place.socrata.url}/api/views/{ID}.json"
    place.socrata.faults["about"].append(endless(place, 302, Location=url))
    assert place.run(policy={"silence": 60.0}).code == 0
    place.has(NEW, "export")


@pytest.mark.parametrize("framing", ["length", "close"])
def test_a_server_that_takes_too_long_is_left(framing: str, place: Place) -> None:
    vars(place.socrata)["framing"] = framing
    place.socrata.always["export"] = Fault(meanwhile=place.socrata.wait)
    place.socrata.always["page"] = Fault(meanwhile=place.socrata.wait)
    run = place.run(policy={"silence": 60.0, "total": 0.3})
    assert run.code == 1
    assert "gave up" in run.err
    place.has_old()


def test_what_is_packed_is_not_unpacked(place: Place) -> None:
    bomb = gzip.compress(bytes(2**24))
    packed = Fault(headers={"Content-Encoding": "gzip"}, body=bomb)
    place.socrata.always["export"] = packed
    place.socrata.always["page"] = packed
    run = place.run()
    assert run.code == 1
    assert "expected an answer as it is, found one packed with gzip" in run.err
    assert {asked.headers["Accept-Encoding"] for asked in place.socrata.asked} == {"identity"}
    place.has_old()


def test_an_export_longer_than_the_release_can_be_is_not_kept(place: Place) -> None:
    place.socrata.always["export"] = Fault(body=NEW + b"x" * 3 * 2**20)
    run = place.run()
    assert run.code == 0
    assert "too many for the 300 rows that CDC counts" in run.out
    place.has(NEW, "paged")
