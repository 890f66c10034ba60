"""Celery's settings. Messages only name jobs to run: the jobs themselves are in Redis."""

from celery import Celery

TASK = "stats.run"


def celery_app(url: str, seconds: float) -> Celery:
    """Return a Celery app for the Redis at `url`, which has `seconds` for each answer."""
    app = Celery("stats", broker=url, set_as_current=False, backend=None)
    app.conf.update(
        broker_transport="app.cluster.transport:Transport",
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_acks_late=True,
        # The janitor finds the jobs of a process that died; its message is not needed again.
        task_reject_on_worker_lost=False,
        task_publish_retry=False,
        task_create_missing_queue_type="classic",
        worker_prefetch_multiplier=1,
        worker_enable_prefetch_count_reduction=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_consumer="app.cluster.consumer:ReconnectingConsumer",
        # The dataset may take a while to load.
        worker_proc_alive_timeout=3600,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=seconds,
        broker_connection_max_retries=None,
        broker_transport_options={
            "socket_timeout": seconds,
            "socket_connect_timeout": seconds,
            "health_check_interval": 2,
            "retry_on_timeout": False,
        },
    )
    return app
