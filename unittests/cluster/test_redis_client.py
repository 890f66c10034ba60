"""What a process knows of a Redis that cannot be reached."""

import threading

import pytest

from app.cluster.redis_client import RedisClient
from app.errors import StoreUnavailable
from unittests.helpers.server import free_port
from unittests.helpers.thread_service import SILENT


def test_where_no_thread_can_ask_for_it_the_next_command_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = RedisClient(f"redis://127.0.0.1:{free_port()}/0", 0.5, SILENT)

    def no_thread(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_thread)
        with pytest.raises(StoreUnavailable, match="cannot be reached"):
            client.execute("PING")
    assert client.down_because == ""
    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        client.execute("PING")
    assert "cannot be reached" in client.down_because  # and a thread finds out when it is back
    client.stop_retrying()
