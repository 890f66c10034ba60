"""`/openapi`, a page to try the routes (Swagger UI, no internet needed), and what it shows."""

from pathlib import Path

import flask_swagger_ui
from flask import Blueprint, Response, current_app, request, send_from_directory

from app import json_bytes
from app.http.paths import way_to_root
from app.openapi.description import describe

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Le Stats Sportif</title>
<link rel="icon" href="{root}/openapi/favicon-32x32.png">
<link rel="stylesheet" href="{root}/openapi/swagger-ui.css">
<main id="page"></main>
<script src="{root}/openapi/swagger-ui-bundle.js"></script>
<script src="{root}/openapi/start.js"></script>
</html>
"""
# In a file of its own: the page's policy runs no script that stands in it. No validator either, it
# would call a public server.
_START = """SwaggerUIBundle({url: new URL("openapi.json", document.currentScript.src).href,
  dom_id: "#page", deepLinking: true, validatorUrl: null, tryItOutEnabled: true});
"""
# Swagger UI sets styles on elements, and draws its icons from data: addresses.
_PAGE_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " frame-ancestors 'none'"
)


def blueprint() -> Blueprint:
    """Return the blueprint of the description and its page."""
    routes = Blueprint("openapi", __name__)
    # The latest description, which takes a tenth of a second, and the datasets that it is of.
    latest: list[tuple[list[str], bytes]] = []

    @routes.get("/openapi/openapi.json")
    def description() -> Response:
        """Describe all routes, as OpenAPI 3.1."""
        served = current_app.extensions["job_service"].catalogue.answers.values()
        versions = [answers.version for answers in served]
        if not latest or latest[0][0] != versions:
            latest[:] = [(versions, json_bytes.encode(describe(current_app)))]
        return Response(latest[0][1], mimetype="application/json")

    @routes.get("/openapi/")
    def page() -> Response:
        html = _PAGE.format(root=way_to_root(request.path))
        return Response(html, headers={"Content-Security-Policy": _PAGE_POLICY})

    @routes.get("/openapi/start.js")
    def start() -> Response:
        return Response(_START, mimetype="text/javascript")

    @routes.get("/openapi/<path:name>")
    def file(name: str) -> Response:
        return send_from_directory(Path(flask_swagger_ui.__file__).parent / "dist", name)

    return routes
