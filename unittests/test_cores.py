"""How many cores a process may use: its affinity, and what its cgroup allows."""

import os
from pathlib import Path

import pytest

from app.cores import usable_cores

V2 = "0::/user.slice/server.service\n"
V1 = "5:memory:/docker/1f\n4:cpu,cpuacct:/docker/1f\n1:name=systemd:/\n0::/\n"


def system(root: Path, cgroup: str, files: dict[str, str]) -> Path:
    """Make a /proc and a /sys, with what files below /sys/fs/cgroup hold."""
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text(cgroup)
    for name, text in files.items():
        path = root / "sys/fs/cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize(
    ("cgroup", "files", "expected"),
    [
        (V2, {}, 8),
        (V2, {"user.slice/server.service/cpu.max": "max 100000\n"}, 8),
        (V2, {"user.slice/server.service/cpu.max": "300000 100000\n"}, 3),
        (V2, {"user.slice/server.service/cpu.max": "150000 100000\n"}, 2),
        (V2, {"user.slice/server.service/cpu.max": "10000 100000\n"}, 1),
        (V2, {"user.slice/server.service/cpu.max": "1600000 100000\n"}, 8),
        # A group around it has less.
        (
            V2,
            {
                "user.slice/server.service/cpu.max": "400000 100000\n",
                "user.slice/cpu.max": "200000 100000\n",
            },
            2,
        ),
        # A container, whose own group is at the top, by whichever name.
        ("0::/\n", {"cpu.max": "200000 100000\n"}, 2),
        ("0::/docker/1f\n", {"cpu.max": "200000 100000\n"}, 2),
        (V2, {"cpu.max": "soon\n"}, 8),
        (V1, {"cpu/cpu.cfs_quota_us": "250000\n", "cpu/cpu.cfs_period_us": "50000\n"}, 5),
        (V1, {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, 8),
        (
            V1,
            {
                "cpu/docker/1f/cpu.cfs_quota_us": "100000\n",
                "cpu/docker/1f/cpu.cfs_period_us": "100000\n",
            },
            1,
        ),
    ],
)
def test_the_limit_of_a_cgroup_counts(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    cgroup: str,
    files: dict[str, str],
    expected: int,
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    assert usable_cores(system(tmp_path, cgroup, files)) == expected


def test_the_affinity_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3})
    assert usable_cores(system(tmp_path, V2, {"cpu.max": "400000 100000\n"})) == 1
    assert usable_cores(tmp_path / "no cgroups here") == 1
