"""Loads a dataset, prints the seconds that it took, and keeps it until its input ends.

python -m benchmarks.apps.loading PATH
"""

import sys
import time
from pathlib import Path

from app.data_ingestor import DataIngestor

if __name__ == "__main__":
    began = time.perf_counter()
    dataset = DataIngestor(Path(sys.argv[1]))
    print(time.perf_counter() - began, flush=True)
    sys.stdin.read()
