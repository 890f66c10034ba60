"""Run the server: `python api_server.py --help`, or `flask --app api_server run`."""

import gc
import sys

if __name__ == "__main__":
    gc.disable()  # until it serves: of what a start imports and builds, nothing is garbage

from app import create_app

__all__ = ["create_app"]

if __name__ == "__main__":
    try:
        from app.server import main

        sys.exit(main(sys.argv[1:], "api_server.py"))
    except KeyboardInterrupt:  # while it starts; later it drains
        sys.exit(130)
