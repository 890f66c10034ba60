"""The dataset that questions are asked of, and its replacement while the server runs."""

import logging
import threading
import time

from app.answers.answers import Answers
from app.data_ingestor import DataIngestor
from app.errors import Busy, DatasetError
from app.statistics.registry import Registry


class CurrentDataset:
    """The answers of the dataset in use.

    `answers` is replaced as a whole: who has taken it, as a job that runs, stays with the dataset
    that it is of. `loaded_at` is when that was read, in seconds since 1970.
    """

    def __init__(
        self, dataset: DataIngestor, statistics: Registry, most_bytes: int, log: logging.Logger
    ) -> None:
        """Keep at most `most_bytes` of answers in memory."""
        self._statistics = statistics
        self._most_bytes = most_bytes
        self._log = log
        # Held by the one that reloads; the others do not wait for it.
        self._reloading = threading.Lock()
        self.answers = self._answers_of(dataset)

    def reload(self, *, unless: str = "") -> bool:
        """Read the file of the dataset again; return whether it has changed.

        Raises DatasetError where it cannot be used, or has changed and there is a reason `unless`
        which it is, and Busy while another reload is under way; then the dataset in use is as it
        was.
        """
        if not self._reloading.acquire(blocking=False):
            raise Busy("the dataset is being reloaded already")
        try:
            before = self.answers.dataset
            dataset = DataIngestor(before.path)
            changed = dataset.digest != before.digest
            if changed and unless:
                raise DatasetError(unless)
            if changed:
                self.answers = self._answers_of(dataset)
            self._log.info(
                "dataset %s: %d rows, version %s",
                "reloaded" if changed else "has not changed",
                dataset.rows,
                self.answers.version,
            )
            return changed
        except DatasetError as error:
            self._log.error("the dataset in use stays: %s", error)
            raise
        finally:
            self._reloading.release()

    def _answers_of(self, dataset: DataIngestor) -> Answers:
        return Answers(dataset, self._statistics, self._most_bytes, time.time())
