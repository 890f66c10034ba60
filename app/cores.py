"""How many cores this process may use: its CPU affinity and its cgroup's CPU limit both count."""

import contextlib
import math
import os
from collections.abc import Iterator
from pathlib import Path


def usable_cores(root: Path = Path("/")) -> int:
    """Return how many cores this process may use, at least 1.

    A limit of 1.5 cores, as containers and systemd's CPUQuota set it, counts as 2. `root` is where
    /proc and /sys are.
    """
    if hasattr(os, "sched_getaffinity"):  # not on macOS
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    return max(1, min([cores, *map(math.ceil, _cgroup_limits(root))]))


def _cgroup_limits(root: Path) -> Iterator[float]:
    """Yield the limits, in cores, of this process's cgroup and of those that it is in."""
    with contextlib.suppress(OSError):
        for line in (root / "proc/self/cgroup").read_text().splitlines():
            _, controllers, name = line.split(":", 2)  # `0::/a/b`, or in version 1 `4:cpu:/a/b`
            if controllers and "cpu" not in controllers.split(","):
                continue
            top = root / "sys/fs/cgroup" / ("cpu" if controllers else "")
            folder = top / name.lstrip("/")
            # All the way up: in a container the top is its own group, by whatever name.
            for group in (folder, *folder.parents):
                yield from _limit(group)
                if group == top:
                    break


def _limit(group: Path) -> Iterator[float]:
    with contextlib.suppress(OSError, ValueError):
        quota, period = (group / "cpu.max").read_text().split()
        yield int(quota) / int(period)  # a ValueError for `max`, which is no limit
    with contextlib.suppress(OSError, ValueError):
        quota = (group / "cpu.cfs_quota_us").read_text()
        period = (group / "cpu.cfs_period_us").read_text()
        if int(quota) > 0:  # -1 is no limit
            yield int(quota) / int(period)
