"""Building blocks of threads: a semaphore, waits, limits, what is done in which step."""
