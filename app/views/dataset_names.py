"""Names of datasets that jobs are looked for by: those that are served, and those that were."""

from collections.abc import Callable, Collection, Iterable
from contextlib import closing

from app.concurrency.limiter import Limiter
from app.datasets.names import folded
from app.job import Job
from app.job_service import JobService
from app.views.job_ids import AFTER_ALL
from app.views.job_search import slices


class DatasetNames:
    """Tells names of datasets, served or not, from names that are misspelt.

    A dataset that is not served any more has a name as long as one of its jobs is there.
    """

    def __init__(self, service: JobService, limiter: Limiter) -> None:
        """`limiter` is of those who look at many jobs."""
        self._service = service
        self._limiter = limiter
        # In folded case. Each was found in a job, so there are few; replaced as a whole.
        self._gone: frozenset[str] = frozenset()

    def are_known(self, names: Iterable[str]) -> bool:
        """Tell whether `check` would let these names pass without a look at any job."""
        served = {folded(name) for name in self._service.catalogue.answers}
        return all(folded(name) in served or folded(name) in self._gone for name in names)

    def check(self, names: Collection[str]) -> None:
        """Raise UnknownName, with the nearest, for a name that no dataset and no job has.

        That may take a look at many jobs: it is for a thread.
        """
        if self.are_known(names):
            return
        catalogue = self._service.catalogue
        left = {folded(name) for name in names if not self.are_known([name])}
        with closing(slices(self._service.newest(AFTER_ALL), self._limiter.turn)) as jobs:
            for some in jobs:
                found = left & {folded(catalogue.name_of(job)) for job in some}
                self._gone |= found
                left -= found
                if not left:
                    break
        for name in sorted(names):
            if folded(name) in left:
                catalogue.find(name)  # which raises


def of_datasets(names: Iterable[str], name_of: Callable[[Job], str]) -> Callable[[Job], bool]:
    """Return what tells whether a job asks one of these datasets."""
    wanted = {folded(name) for name in names}
    return lambda job: folded(name_of(job)) in wanted
