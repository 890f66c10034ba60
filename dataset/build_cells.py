"""Write down what is in the datasets in the box: see app/datasets/in_the_box.py.

    python dataset/build_cells.py

To be run again when one of these files changes, or how files are read.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


def main() -> None:
    """Write a file for each."""
    from app.datasets.in_the_box import as_json, cells_path
    from app.datasets.reading import survey
    from app.sources import BOX

    for source in BOX:
        written = as_json(survey((source.path,)).content)
        cells_path(source.path).write_bytes(written)


if __name__ == "__main__":
    main()
