"""Building blocks of threads that know nothing of jobs: a semaphore, waits, limits."""
