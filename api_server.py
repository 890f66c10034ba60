"""Run the server: `python api_server.py --help`."""

import sys

if __name__ == "__main__":
    try:
        from app.server import main

        sys.exit(main(sys.argv[1:], "api_server.py"))
    except KeyboardInterrupt:  # while it starts; later it drains
        sys.exit(130)
