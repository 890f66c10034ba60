"""Reads a dataset as the server does at its start, and prints the seconds that it took.

python -m benchmarks.apps.reading PATH
"""

import sys
import time
from pathlib import Path

from app.data_ingestor import DataIngestor

if __name__ == "__main__":
    began = time.perf_counter()
    DataIngestor(Path(sys.argv[1]))
    print(time.perf_counter() - began)
