"""The second executor: any number of web processes and Celery workers, over one Redis."""
