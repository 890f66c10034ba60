"""The table of URLs: which view answers what."""

import logging
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask

from app.charts.drawer import Drawer
from app.concurrency.limiter import Limiter
from app.job_service import JobService
from app.openapi import page as openapi_page
from app.views.activity import ActivityViews
from app.views.answers import ANSWER, AnswerViews
from app.views.batches import BatchViews
from app.views.datasets import DatasetViews
from app.views.explore import ExploreViews
from app.views.jobs import JobViews
from app.views.pages import Pages
from app.views.pool import PoolViews
from app.views.results import ResultViews
from app.views.server import ServerViews


def register(
    app: Flask,
    service: JobService,
    drawer: Drawer,
    pages: Pages,
    log: logging.Logger,
    max_age: int,
    *,
    teaches: bool,
) -> None:
    """Register all routes with the app; answers by address are good for `max_age` seconds.

    Where it `teaches`, its service is one of `threads/teaching.py`.
    """
    # Large answers that are made at a time, and that wait: each has megabytes, several times over
    # while it is written, and takes the interpreter from all others.
    limiter = Limiter(2, 16)
    jobs, results = JobViews(service, limiter), ResultViews(service, drawer, limiter)
    answers = AnswerViews(service, drawer, max_age)
    batches, activity = BatchViews(service, limiter, log), ActivityViews(service)
    datasets, server = DatasetViews(service), ServerViews(service)
    teaching: Any = service if teaches else None
    pool = PoolViews(service, teaching and teaching.slow_motion)

    # The views of this blueprint are plain: PlainFlask calls them with a `Request`.
    api = Blueprint("api", __name__)
    for name, statistic in service.catalogue.statistics.items():
        _add(api, f"/api/{name}", jobs.submit(statistic), "POST", name=name)
        _add(api, f"/api/answers/{name}", answers.of(statistic), name=f"{ANSWER}{name}")
    _add(api, "/api/get_results/<job_id>", results.get_results)
    _add(api, "/api/answers/<name>", answers.answer)
    _add(api, "/api/batch", batches.batch, "POST")
    _add(api, "/api/batch/results", batches.batch_results, "POST")
    _add(api, "/api/jobs", jobs.list_jobs)
    _add(api, "/api/jobs/<job_id>", jobs.job)
    _add(api, "/api/jobs/<job_id>", jobs.cancel, "DELETE")
    _add(api, "/api/jobs/<job_id>/rows", jobs.rows)
    _add(api, "/api/num_jobs", jobs.num_jobs)
    _add(api, "/api/activity", activity.activity)
    _add(api, "/api/pool", pool.pool)
    _add(api, "/api/trace", pool.trace)
    _add(api, "/api/datasets", datasets.datasets)
    _add(api, "/api/dataset", datasets.dataset)
    _add(api, "/api/dataset/reload", datasets.reload, "POST")
    _add(api, "/api/statistics", datasets.statistics)
    _add(api, "/api/questions", datasets.questions)
    _add(api, "/api/states", datasets.states)
    _add(api, "/api/categories", datasets.categories)
    _add(api, "/api/graceful_shutdown", server.graceful_shutdown, "GET", "POST")
    _add(api, "/api/health", server.health)
    _add(api, "/metrics", server.metrics)
    if teaches:
        _add_teaching(api, teaching)

    # So are those of this one, which may have to wait for answers.
    explore = ExploreViews(service, pages)
    shown = Blueprint("explore", __name__)
    _add(shown, "/", explore.index)
    _add(shown, "/index", explore.index)
    _add(shown, "/embed", explore.embed)

    app.register_blueprint(api)
    app.register_blueprint(shown)
    app.register_blueprint(_pages(pages))
    app.register_blueprint(openapi_page.blueprint())  # /openapi/, /openapi/openapi.json


def _pages(pages: Pages) -> Blueprint:
    web = Blueprint("web", __name__)
    _add(web, "/ask", pages.ask)
    _add(web, "/jobs", pages.jobs)
    _add(web, "/pool", pages.pool, name="pool")
    _add(web, "/openapi/", pages.openapi)
    _add(web, "/robots.txt", pages.robots)
    _add(web, "/favicon.ico", pages.favicon)
    _add(web, "/assets/<version>/<path:name>", pages.asset)
    return web


def _add_teaching(api: Blueprint, service: Any) -> None:
    from app.views.teaching import TeachingViews

    views = TeachingViews(service)
    _add(api, "/api/teach", views.slow_motion)
    _add(api, "/api/teach", views.change_pace, "PUT")
    _add(api, "/api/teach/jobs", views.send_jobs, "POST")
    _add(api, "/api/teach/jobs", views.cancel_queued, "DELETE")


def _add(
    routes: Blueprint, rule: str, view: Callable[..., Any], *methods: str, name: str | None = None
) -> None:
    routes.add_url_rule(rule, name or view.__name__, view, methods=methods or ["GET"])
