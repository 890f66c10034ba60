"""An installed program: its datasets are in the package, what it writes is with a user's files.

`.ci/run` installs the wheel itself; here the package is laid out as the wheel has it.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.installation import command
from unittests.helpers.files import DATASET, PROJECT, RELEASE
from unittests.helpers.waiting import PATIENCE

PRINTS = """
import json, sys
from app.cli.exit_codes import PROGRAM
from app.installation import command
from app.settings import Settings
from app.sources import BOX
from app.download.settings import DownloadSettings
settings = Settings.load()
print(json.dumps({
    "results": str(settings.results), "log": str(settings.log), "port": settings.port,
    "data": [str(one.path) for one in BOX], "newer": str(BOX.datasets[1].newer),
    "download": str(DownloadSettings.load().to), "told": str(BOX),
    "commands": [PROGRAM, command("run", "--data a"), command("data"), command("reload")],
}), flush=True)
Settings.load(["--help"])
"""


@pytest.fixture(name="installed")
def laid_out(tmp_path: Path) -> Path:
    """Give a folder with the package as the wheel has it."""
    folder = tmp_path / "site-packages"
    shutil.copytree(
        PROJECT / "app", folder / "app", ignore=shutil.ignore_patterns("__pycache__", "vendor")
    )
    box = folder / "app" / "box"
    (box / "dataset").mkdir(parents=True)
    (box / DATASET.name).symlink_to(DATASET)
    (box / "dataset" / RELEASE.name).symlink_to(RELEASE)
    return folder


def test_an_installed_program_keeps_its_files_where_a_user_has_them(
    installed: Path, tmp_path: Path
) -> None:
    home, here = tmp_path / "home100%", tmp_path / "here"
    config = home / ".config" / "le-stats-sportif"
    config.mkdir(parents=True)
    (config / "settings.toml").write_text("port = 8123\n")
    here.mkdir()
    (here / "app.py").write_text("raise SystemExit('not this one')\n")
    kept = {
        name: text for name, text in os.environ.items() if not name.startswith(("XDG_", "STATS_"))
    }
    done = subprocess.run(
        [sys.executable, "-P", "-c", f"import sys\nsys.argv[0] = '/usr/bin/stats'\n{PRINTS}"],
        env={**kept, "HOME": str(home), "PYTHONPATH": str(installed), "COLUMNS": "200"},
        cwd=here, capture_output=True, text=True, check=True, timeout=PATIENCE,
    )  # fmt: skip
    line, _, shown = done.stdout.partition("\n")
    told = json.loads(line)
    data, box = home / ".local/share/le-stats-sportif", installed / "app" / "box"
    assert told["results"] == str(data / "results")
    assert told["log"] == str(home / ".local/state/le-stats-sportif/log/webserver.log")
    assert told["port"] == 8123
    assert told["data"] == [str(box / DATASET.name), str(box / "dataset" / RELEASE.name)]
    assert told["newer"] == told["download"] == str(data / "dataset" / "cdc.csv")
    assert told["told"] == f"course={DATASET.name} release=dataset/{RELEASE.name}"
    assert told["commands"] == ["stats", "stats serve --data a", "stats data", "stats reload"]
    for path in (told["results"], told["log"], str(config / "settings.toml")):
        assert path in shown
    assert [path.name for path in here.iterdir()] == ["app.py"]


def test_a_checkout_is_as_it_was() -> None:
    assert command("run", "--data a") == 'make run ARGS="--data a"'
    assert command("data") == "make data"
    assert command("reload") == "python -m app reload"
