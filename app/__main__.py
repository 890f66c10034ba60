"""`python -m app`: the command line, which docs/cli.md describes."""

import sys

if __name__ == "__main__":
    try:
        from app.cli.program import main

        main()
    except KeyboardInterrupt:  # while it is imported
        sys.exit(130)
    except ModuleNotFoundError as error:
        print(f"{error}. After `make run`, venv/bin/python has it all.", file=sys.stderr)
        sys.exit(2)
