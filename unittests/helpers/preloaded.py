"""What the process that programs are forked from imports beside what their start does.

A server imports it once it runs, which takes as long as its start does without.
"""

import gc

from app.statistics.registry import STATISTICS

STATISTICS.load()
# A collection in each of those processes would walk through all modules, and copy their pages.
gc.freeze()
