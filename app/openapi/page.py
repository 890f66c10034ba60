"""What the page `/openapi` shows and is made of: the description, and Swagger UI's files."""

from pathlib import Path

from flask import Blueprint, Response, current_app, send_from_directory

from app import json_bytes


def blueprint() -> Blueprint:
    """Return the blueprint of the description, and of the files that show it."""
    routes = Blueprint("openapi", __name__)
    # The latest description, which takes a tenth of a second, and the datasets that it is of.
    latest: list[tuple[list[str], bytes]] = []

    @routes.get("/openapi/openapi.json")
    def description() -> Response:
        """Describe all routes, as OpenAPI 3.1."""
        from app.openapi.description import describe  # like the files, nothing that a start needs

        served = current_app.extensions["job_service"].catalogue.answers.values()
        versions = [answers.version for answers in served]
        if not latest or latest[0][0] != versions:
            latest[:] = [(versions, json_bytes.encode(describe(current_app)))]
        return Response(latest[0][1], mimetype="application/json")

    @routes.get("/openapi/<path:name>")
    def file(name: str) -> Response:
        import flask_swagger_ui

        return send_from_directory(Path(flask_swagger_ui.__file__).parent / "dist", name)

    return routes
