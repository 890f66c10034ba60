"""What statistics stand on is imported before a job is accepted, or the job is refused."""

import subprocess
import sys

from unittests.helpers.files import PROJECT
from unittests.helpers.waiting import PATIENCE

# Run in a process of its own, which has imported none of it before.
NO_DESCRIPTORS = """
import app.statistics.in_words  # as a call that failed further on leaves it
from app.errors import Overloaded
from unittests.helpers.data import answers_of
from unittests.helpers.files import no_descriptors
from unittests.helpers.registry import TABLE_STATISTICS
from unittests.helpers.rows import made, row

answers = answers_of(made([row("Ohio", 30.0), row("Utah", 20.0)]))
asked = TABLE_STATISTICS["ranking"], {"question": "Q036"}
with no_descriptors():
    try:
        answers.request(*asked)
    except Overloaded as error:
        print(error)
request = answers.request(*asked)
with no_descriptors():
    print("about" in answers.answer(request).body.decode())
"""


def test_a_job_is_refused_until_all_that_it_needs_could_be_imported() -> None:
    program = [sys.executable, "-c", NO_DESCRIPTORS]
    run = subprocess.run(program, cwd=PROJECT, check=True, timeout=PATIENCE, stdout=subprocess.PIPE)
    assert run.stdout.decode().splitlines() == [
        "ranking could not be loaded; try again in a moment",
        "True",
    ]
