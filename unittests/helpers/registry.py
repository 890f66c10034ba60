"""The statistics by name, and requests of jobs."""

from app import json_bytes
from app.job import JobRequest
from app.statistics import course
from app.statistics.registry import STATISTICS

COURSE_STATISTICS = {statistic.name: statistic for statistic in course.COURSE_STATISTICS}
TABLE_STATISTICS = {
    name: statistic for name, statistic in STATISTICS.items() if name not in COURSE_STATISTICS
}


def request(statistic: str, **parameters: str) -> JobRequest:
    """Return the request of a job, whose parameters are full names."""
    return JobRequest(statistic, json_bytes.encode(parameters).decode())
