"""The command line, `stats` or `python -m app`, which docs/cli.md describes."""

import sys


def main() -> None:
    """Run the command line, and exit."""
    try:
        from app.cli.program import main as run

        run()
    except KeyboardInterrupt:  # while it is imported
        sys.exit(130)
    except ModuleNotFoundError as error:
        print(f"{error}. After `make run`, venv/bin/python has it all.", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
