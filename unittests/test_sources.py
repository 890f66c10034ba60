"""What `--data` makes of names and paths."""

import hashlib
from pathlib import Path

import pytest

from app.datasets.newest import again, current
from app.datasets.source_note import SourceNote, write_note
from app.errors import DatasetError, SettingsError
from app.settings import Settings
from app.sources import BOX, Source, Sources
from unittests.helpers.files import DATASET, PROJECT


def served(*options: str, environ: dict[str, str] | None = None) -> dict[str, str]:
    """Return the paths of the datasets that options serve, by name, and who is asked by default."""
    arguments = [part for option in options for part in ("--data", option)]
    sources = Settings.load(arguments, environ or {}).data
    return {
        **{source.name: str(source.path) for source in sources},
        "default": sources.default("release"),
    }


IN_THE_BOX = {
    "course": str(DATASET),
    "release": str(PROJECT / "dataset" / "brfss_release.parquet"),
    "default": "release",
}


def test_out_of_the_box_there_are_two() -> None:
    assert served() == served(environ={"STATS_DATA": ""}) == IN_THE_BOX


def test_a_name_adds_or_replaces() -> None:
    assert served("mine=a.csv") == {**IN_THE_BOX, "mine": "a.csv"}
    assert served("release=a.csv", "b-2_=b c.csv") == {
        **IN_THE_BOX,
        "release": "a.csv",
        "b-2_": "b c.csv",
    }
    assert served("RELEASE=a.csv") == {**IN_THE_BOX, "release": "a.csv"}


def test_a_path_alone_is_served_for_everything() -> None:
    assert served("a.csv") == {"data": "a.csv", "default": "data"}
    assert served("old=b.csv", "a.csv") == {"data": "a.csv", "old": "b.csv", "default": "data"}
    assert Settings.load(["--data", "a"], {}).data == Sources.alone(Path("a"))


@pytest.mark.parametrize("path", ["./a=b.csv", "/x/year=2020/a.csv", "x/a=b;c.csv", "a;b.csv"])
def test_a_path_may_have_any_sign(path: str) -> None:
    assert served(path)["data"] == str(Path(path))
    assert served(f"mine={path}")["mine"] == str(Path(path))


def test_several_in_the_variable() -> None:
    expected = {**IN_THE_BOX, "a": "1.csv", "b": "2;3.csv"}
    for text in (
        "a=1.csv;b=2;3.csv",
        "a=1.csv\nb=2;3.csv\n",
        " a=1.csv ; b=2;3.csv; ",
        "a=1.csv;;\n b=2;3.csv;\n",
    ):
        assert served(environ={"STATS_DATA": text}) == expected
    # An option counts first, as for every setting.
    assert served("c=4.csv", environ={"STATS_DATA": "a=1.csv"}) == {**IN_THE_BOX, "c": "4.csv"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["a=1.csv", "a=2.csv"], 'each name once, and "a" comes twice'),
        (["a=1.csv", "A=2.csv"], "comes twice"),
        (
            ["1.csv", "2.csv"],
            "--data='1.csv' --data='2.csv': expected one PATH without a name at most",
        ),
        (["1.csv", "data=2.csv"], '"data" is that of a PATH without one'),
        (["1.csv", "a=2.csv", "A=3.csv"], '"A" comes twice'),
        (["a b=1.csv"], "NAME is up to 64 letters, digits, - and _"),
        (["=1.csv"], "written ./PATH"),
        (["é=1.csv"], "NAME=PATH"),
        ([f"{'n' * 65}=1.csv"], "NAME=PATH"),
        (["a="], "not empty"),
        ([""], "not empty"),
        ([" "], "not empty"),
    ],
)
def test_what_is_no_name_or_path_is_refused_in_one_line(options: list[str], words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        served(*options)
    assert words in str(caught.value)
    assert str(caught.value).startswith("--data=")
    assert "\n" not in str(caught.value)
    assert "\\n" not in str(caught.value)


def test_what_is_wrong_in_the_variable_is_shown_in_one_line() -> None:
    with pytest.raises(SettingsError, match=r"^STATS_DATA='a=1\.csv;a=2\.csv': expected each name"):
        served(environ={"STATS_DATA": "a=1.csv\na=2.csv\n"})


def test_an_error_of_a_dataset_says_which_one_it_is() -> None:
    one = Source("mine", Path("/there"))
    for about, expected in (
        ("/there: it changes", "dataset mine=/there: it changes"),
        ("/there/a.csv: line 2", "dataset mine: /there/a.csv: line 2"),
    ):
        assert str(one.named(DatasetError(f"dataset {about}"))) == expected
    (alone,) = Sources.alone(Path("/there"))
    assert str(alone.named(DatasetError("dataset /there: none"))) == "dataset /there: none"


def test_a_download_takes_the_place_of_the_release_in_the_box(tmp_path: Path) -> None:
    release = next(source for source in BOX if source.name == "release")
    assert release.newer == PROJECT / "dataset" / "cdc.csv"  # where `make data` puts it
    download = tmp_path / "cdc.csv"
    source = type(release)("release", release.path, download)
    assert current(source) == release.path
    download.write_text("a download")
    assert current(source) == download


@pytest.mark.parametrize(
    ("updated", "serves_it"),
    [("2025-10-01T12:00:00Z", True), ("2025-09-01T12:00:00Z", True), ("2025-08-31", False)],
)
def test_a_download_that_is_older_than_the_box_is_passed_over(
    tmp_path: Path, updated: str, serves_it: bool
) -> None:
    release = next(source for source in BOX if source.name == "release")
    download = tmp_path / "cdc.csv"
    download.write_text("a download")
    digest = hashlib.sha256(download.read_bytes()).hexdigest()
    write_note(download, SourceNote("hn4x-zwk7", "", "export", updated, updated, 1, digest))
    source = Source("release", release.path, download)
    assert current(source) == (download if serves_it else release.path)
    assert again(source, release.path) == current(source)
    assert again(source, download) == download
    download.write_text("replaced by hand, of which the note says nothing")
    assert current(source) == download
