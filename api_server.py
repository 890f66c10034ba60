"""Run the server: `python api_server.py --help`, or `flask --app api_server run`."""

import sys

from app import create_app

__all__ = ["create_app"]

if __name__ == "__main__":
    try:
        from app.server import main

        sys.exit(main(sys.argv[1:], "api_server.py"))
    except KeyboardInterrupt:  # while it starts; later it drains
        sys.exit(130)
