"""Settings: where a value comes from, what each refuses, and where all of them are listed."""

from dataclasses import fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from app.cluster.worker_settings import WorkerSettings
from app.cores import usable_cores
from app.errors import SettingsError
from app.settings import Settings
from app.settings_table import SettingsTable
from app.sources import BOX, Sources
from app.version import VERSION
from unittests.helpers import forked
from unittests.helpers.files import DATASET, PROJECT

ROWS = {row.name: row for row in fields(Settings)}
WORKER_ROWS = {row.name: row for row in fields(WorkerSettings)}
TABLES: dict[type[SettingsTable], dict[str, Any]] = {Settings: ROWS, WorkerSettings: WORKER_ROWS}
# For each setting two values, as they are written and as they are read.
SAMPLES: dict[str, tuple[tuple[str, Any], tuple[str, Any]]] = {
    "host": (("0.0.0.0", "0.0.0.0"), ("localhost", "localhost")),
    "port": (("8080", 8080), ("0", 0)),
    "public": (("yes", True), ("1", True)),
    "trusted_proxies": (
        ("127.0.0.1, ::1", (ip_network("127.0.0.1"), ip_network("::1"))),
        ("10.0.0.0/8", (ip_network("10.0.0.0/8"),)),
    ),
    "rate": (("10/second", "10/second"), ("none", "")),
    "compute_rate": (("5 per 2 hours", "5 per 2 hours"), ("none", "")),
    "data": (("/tmp/a.csv", Sources.alone(Path("/tmp/a.csv"))), ("b", Sources.alone(Path("b")))),
    "results": (("/tmp/a", Path("/tmp/a")), ("~/b", Path.home() / "b")),
    "log": (("/tmp/a.log", Path("/tmp/a.log")), ("b.log", Path("b.log"))),
    "log_bytes": (("0", 0), ("1000", 1000)),
    "log_files": (("1", 1), ("9", 9)),
    "executor": (("celery", "celery"), ("threads", "threads")),
    "redis": (("rediss://:secret@a.example:6380/3",) * 2, ("redis://b:6379/0",) * 2),
    "redis_seconds": (("0.5", 0.5), ("10", 10.0)),
    "files": (("/tmp/a", Path("/tmp/a")), ("", None)),
    "threads": (("0", 0), (" 7 ", 7)),
    "queue": (("1", 1), ("500", 500)),
    "job_seconds": (("0", 0.0), ("2.5", 2.5)),
    "keep_jobs": (("0", 0), ("10", 10)),
    "keep_days": (("7", 7.0), ("0.5", 0.5)),
    "cache": (("0", 0), ("256", 256)),
    "max_age": (("0", 0), ("86400", 86400)),
    "waiters": (("0", 0), ("50", 50)),
    "teach": (("yes", True), ("no", False)),
    "journal": (("power", "power"), ("process", "process")),
    "token": (("secret", "secret"), ("", "")),
    "hosts": (("a.example, b.example", ("a.example", "b.example")), ("", ())),
    "body_seconds": (("0.5", 0.5), ("3", 3.0)),
    "idle_seconds": (("0.5", 0.5), ("60", 60.0)),
    "drain_seconds": (("0", 0.0), ("1.5", 1.5)),
    "processes": (("1", 1), ("16", 16)),
}
# Each kind of number is tried with all that is none in one setting; in the others of its kind, with
# what tells this kind from the others.
NO_WHOLE_NUMBER = ("", "x", "-1", "1.5")
NO_NUMBER = ("", "-0.001", "1,5")
REFUSED = {
    "token": (),
    "hosts": (),
    "host": ("",),
    "public": ("", "maybe", "true"),
    "trusted_proxies": ("nginx", "10.0.0.1/8", "10.0.0.0/99"),
    "rate": ("", "x", "600", "0/minute", "-1/minute", "5/fortnight", "1/second;5/minute"),
    "compute_rate": ("", "600"),
    "port": (*NO_WHOLE_NUMBER, "65536"),
    "data": ("", "~no-such-user-here/a.csv"),
    "results": ("", "~no-such-user-here/a"),
    "log": ("", "~no-such-user-here/a.log"),
    "log_bytes": NO_WHOLE_NUMBER,
    "log_files": (*NO_WHOLE_NUMBER, "0"),
    "cache": NO_WHOLE_NUMBER,
    "max_age": NO_WHOLE_NUMBER,
    "waiters": NO_WHOLE_NUMBER,
    "teach": ("", "maybe"),
    "executor": ("", "Celery", "processes"),
    "redis": (
        "",
        "127.0.0.1:6379",
        "http://127.0.0.1:6379",
        "redis://h:6379/abc",
        "redis://h:6379/0?protocol=3",
        "redis://:s3cret/x@h:1/0",
    ),
    "redis_seconds": (*NO_NUMBER, "0"),
    "files": ("~no-such-user-here/a",),
    "processes": (*NO_WHOLE_NUMBER, "0", "1001"),
    "threads": (
        *NO_WHOLE_NUMBER,
        *(" ", "1e3", "\u0661", "0x10", "1 2", "nan", "9" * 5000, "1001", "four\nlines"),
    ),
    "queue": (*NO_WHOLE_NUMBER, "0"),
    "job_seconds": (*NO_NUMBER, "x", "-1", "nan", "inf", "10s"),
    "keep_jobs": NO_WHOLE_NUMBER,
    "keep_days": NO_NUMBER,
    "journal": ("", "none", "Power", "power process"),
    "body_seconds": NO_NUMBER,
    "idle_seconds": NO_NUMBER,
    "drain_seconds": NO_NUMBER,
}
EACH_SETTING = [(table, name) for table, rows in TABLES.items() for name in rows]


def option(name: str) -> str:
    return "--" + name.replace("_", "-")


def variable(name: str) -> str:
    text: str = (WORKER_ROWS | ROWS)[name].metadata["env"]
    return text


@pytest.fixture(scope="module", name="defaults")
def defaults_of_each_table() -> dict[type[SettingsTable], SettingsTable]:
    """Give the settings where nothing is said."""
    return {table: table.load([], {}) for table in TABLES}


def test_these_tests_know_all_settings() -> None:
    assert set(SAMPLES) == set(REFUSED) == {*ROWS, *WORKER_ROWS}
    assert len({variable(name) for name in SAMPLES}) == len(SAMPLES)


def test_the_defaults() -> None:
    settings = Settings.load([], {})
    assert (settings.host, settings.port) == ("127.0.0.1", 5000)
    assert settings.data == BOX
    assert settings.results == PROJECT / "results"
    assert settings.log == PROJECT / "webserver.log"
    assert settings.threads == usable_cores()
    assert settings.executor == "threads"
    assert Settings.load([], {"TP_NUM_OF_THREADS": ""}).threads == usable_cores()
    assert WorkerSettings.load([], {}).processes == usable_cores()


def test_command_line_before_environment_before_default(
    defaults: dict[type[SettingsTable], SettingsTable],
) -> None:
    for table, name in EACH_SETTING:
        (text, value), (other_text, other_value) = SAMPLES[name]
        environ = {variable(name): text}
        assert getattr(table.load([], environ), name) == value, name
        changed = table.load([option(name), other_text], environ)
        assert getattr(changed, name) == other_value, name
        others = [row for row in TABLES[table] if row != name]
        assert all(getattr(changed, row) == getattr(defaults[table], row) for row in others), name


def test_an_empty_variable_is_not_set(
    defaults: dict[type[SettingsTable], SettingsTable],
) -> None:
    # As docker compose passes a variable on that is not set.
    for table, rows in TABLES.items():
        assert table.load([], {variable(name): "" for name in rows}) == defaults[table]


def test_without_arguments_the_environment_of_the_process_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TP_NUM_OF_THREADS", "13")
    assert Settings.load().threads == 13


def test_a_bad_value_names_where_it_came_from() -> None:
    for table, name in EACH_SETTING:
        refused: list[tuple[str, list[str], dict[str, str]]] = [
            *((option(name), [f"{option(name)}={text}"], {}) for text in REFUSED[name]),
            *((variable(name), [], {variable(name): text}) for text in REFUSED[name][-1:] if text),
        ]
        for origin, arguments, environ in refused:
            with pytest.raises(SettingsError) as caught:
                table.load(arguments, environ)
            message = str(caught.value)
            if name in ("redis", "token"):  # which may hold a secret
                assert message.startswith(f"{origin}: expected ")
                assert "s3cret" not in message
            else:
                assert message.startswith(f"{origin}=")
            assert ": expected " in message
            assert "int_max_str_digits" not in message
            assert len(message.splitlines()) == 1


def test_secrets_are_not_shown_where_settings_are() -> None:
    settings = Settings.load(["--token", "s3cret", "--redis", "redis://:s3cret@a.example"], {})
    assert "s3cret" not in f"{settings} {settings!r}"


def test_an_option_that_is_a_switch_needs_no_value() -> None:
    assert Settings.load(["--public", "--port", "80"], {}).public
    assert Settings.load([], {"STATS_PUBLIC": "yes"}).public
    assert not Settings.load(["--public", "no"], {"STATS_PUBLIC": "yes"}).public


def in_file(path: Path, text: str, table: type[SettingsTable] = Settings, **environ: str) -> Any:
    """Return the settings where a file says this."""
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return table.load([], {"STATS_SETTINGS": str(path), **environ})


def test_a_file_counts_after_the_environment(tmp_path: Path) -> None:
    text = """
        port = 8080
        keep-days = 0.5
        queue = "7"
        hosts = ["a.example", "b.example"]
        data = ["mine=a.csv", "b.csv"]
        token = "s3cret"
        processes = 3
        public = true
    """
    settings = in_file(tmp_path / "a.toml", text, STATS_PORT="", STATS_QUEUE="9")
    assert (settings.port, settings.keep_days, settings.queue) == (8080, 0.5, 9)
    assert settings.hosts == ("a.example", "b.example")
    assert str(settings.data) == "mine=a.csv data=b.csv"
    assert settings.token == "s3cret"
    assert settings.public
    environ = {"STATS_SETTINGS": str(tmp_path / "a.toml")}
    assert Settings.load(["--port", "1", "--data", "c.csv"], environ).port == 1
    # Workers read the same file, which has settings of the server alone.
    assert WorkerSettings.load([], environ).processes == 3
    assert set(WORKER_ROWS) <= set(Settings.names_in_file())
    assert in_file(tmp_path / "a.toml", "") == Settings.load([], {})
    assert in_file(tmp_path / "a.toml", "public = false") == Settings.load([], {})


def test_what_is_wrong_in_a_file_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    for text, reason in (
        ("prot = 8080", "unknown setting 'prot'; known: host, "),
        ("port = 'many'", "port='many': expected a whole number"),
        ("port = true", "port: expected a text, a number, or a list of these"),
        ("[port]\nnumber = 1", "port: expected a text, a number, or a list of these"),
        ("token = 'caf\u00e9'", "token: expected plain ASCII"),
        ("port = ", "Invalid value"),
    ):
        with pytest.raises(SettingsError) as caught:
            in_file(path, text)
        message = str(caught.value)
        assert message.startswith(f"{path}: {reason}"), text
        assert len(message.splitlines()) == 1


def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    environ = {"STATS_SETTINGS": str(path)}
    with pytest.raises(SettingsError, match=r"a\.toml: No such file"):
        Settings.load([], environ)
    path.write_bytes(b"\xff")
    with pytest.raises(SettingsError, match=r"a\.toml: .*utf-8"):
        Settings.load([], environ)
    path.write_text("token = 's3cret'")
    path.chmod(0o640)
    with pytest.raises(
        SettingsError, match=f"others may read it, and it has token: chmod 600 {path}"
    ):
        Settings.load([], environ)
    path.write_text("port = 1")
    assert Settings.load([], environ).port == 1


def test_a_good_command_line_hides_a_bad_environment() -> None:
    assert Settings.load(["--threads", "3"], {"TP_NUM_OF_THREADS": "many"}).threads == 3


def test_what_kubernetes_sets_for_a_service_called_stats_is_no_port() -> None:
    assert Settings.load([], {"STATS_PORT": "tcp://10.0.0.1:5000"}).port == 5000


def test_a_bad_value_ends_the_start_in_one_line(tmp_path: Path) -> None:
    arguments = ("--results", str(tmp_path / "results"), "--log", str(tmp_path / "log"))
    done = forked.run("api_server.py", *arguments, environ={"TP_NUM_OF_THREADS": "many"})
    (line,) = (done.stdout + done.stderr).splitlines()
    assert done.returncode != 0
    assert "TP_NUM_OF_THREADS='many': expected a whole number" in line


def test_an_unknown_option_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        Settings.load(["--prot", "8080"], {})
    assert ended.value.code == 2
    assert "--prot" in capsys.readouterr().err


def test_each_program_tells_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    for table in TABLES:
        with pytest.raises(SystemExit) as ended:
            table.load(["--version"], {})
        assert not ended.value.code
        assert capsys.readouterr().out == f"Le Stats Sportif {VERSION}\n"


def test_help_names_every_option_and_variable(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        Settings.load(["--help"], {})
    assert not ended.value.code
    told = capsys.readouterr()
    assert told.err == ""
    words = told.out.replace("(", " ").replace(";", " ").split()
    for name in ROWS:
        assert option(name) in words
        assert variable(name) in words
    for default in ("127.0.0.1", "5000", DATASET.name, "one for each core"):
        assert default in " ".join(told.out.split())
    assert str(PROJECT) not in told.out


def test_the_docs_hold_the_table() -> None:
    page = (PROJECT / "docs" / "settings.md").read_text(encoding="utf-8")
    for table, rows in TABLES.items():
        for name in rows:
            assert f"`{option(name)} " in table.as_markdown()
            assert f"`{variable(name)}`" in table.as_markdown()
        assert table.as_markdown() in page
