"""What can be found: each fault by its name, and the kind of mistake that makes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

# The sections of docs/contract.md, by anchor.
SECTIONS: Mapping[str, str] = MappingProxyType(
    {
        "answers": "Answers",
        "ids": "Ids",
        "results": "Results",
        "lists": "Lists",
        "files": "Files",
        "shutdown": "Shutdown",
        "workers": "Workers",
        "refusals": "Refusals",
        "log": "Log",
    }
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that a server can do wrong.

    `section` of the contract is broken; `mistake` tells a student what kind of mistake makes it.
    """

    name: str
    section: str
    title: str
    mistake: str


_ALL = (
    # answers
    Fault("wrong-answer", "answers", "a wrong answer",
          "The mean is taken over the wrong rows, or of the wrong numbers. Look at the years, at "
          "rows without a value, at National and the territories, and at rows without a stratum."),
    Fault("wrong-order", "answers", "right values in a wrong order",
          "The values are right, but the object has them in another order. Sort before you build "
          "it, break ties by name, and do not let the JSON library sort the keys."),
    Fault("no-answer", "answers", "no answer",
          "The route is missing, or its job fails or never ends. Send the request below and look "
          "at what the server prints."),
    # ids
    Fault("id-given-twice", "ids", "one id for two jobs",
          "Two requests read the counter before either of them has written it back. Read, "
          "increase and keep the value under one lock, and return the value that you kept."),
    Fault("id-skipped", "ids", "ids with gaps",
          "The counter is increased more than once for a job, or read again after the lock was "
          "released. Increase it once, and use the value that this request got."),
    Fault("answer-of-another", "ids", "the answer to another question",
          "What a request asked is kept where another request overwrites it: in a global, an "
          "attribute of the app, or a variable that a closure shares. Bind it to the job."),
    Fault("submit-failed", "ids", "a submit that fails beside others",
          "Something that requests share is changed by two of them at once. Find what the route "
          "writes to, and guard it with a lock."),
    # results
    Fault("poll-fails", "results", "an error for who asks often",
          "The answer is read while another thread writes it, or is not there yet. Publish a "
          "result in one step, after it is complete, and read status and data together."),
    Fault("job-unknown", "results", "an acknowledged job is not known",
          "The client gets the id before the job is registered, or the job is only known once a "
          "worker takes it or its file is there. Register first, then queue, then answer."),
    Fault("half-json", "results", "half an answer",
          "The result file is sent while a worker writes it. Write to a temporary file and "
          "rename it, or send what is in memory."),
    Fault("done-without-data", "results", "done, but no data",
          "The status changes to done before the result is there. Store the result first, and "
          "let the status be the last thing that changes."),
    Fault("result-changes", "results", "a job that is done, and then is not",
          "A finished job was run again, overwritten or forgotten. Once a result is published it "
          "must not change."),
    Fault("wrong-result-body", "results", "a result of another form",
          "Clients rely on the three forms of this answer. Compare yours, letter by letter, with "
          "the contract."),
    Fault("unknown-id", "results", "an unknown id is not refused as it should be",
          "An id that was never given must get the error of the contract. Look it up in the jobs "
          "that you know, rather than trust a file name or a comparison with the counter."),
    # lists
    Fault("jobs-list", "lists", "a list of jobs that is wrong",
          "The list is built while other threads change what it is built from, or leaves jobs "
          "out. Copy it under the lock that guards the jobs, and sort it by number."),
    Fault("num-jobs", "lists", "a wrong number of unfinished jobs",
          "The number is kept beside the jobs and drifts away from them, or counts only what "
          "waits in the queue. A job that a worker has taken is not finished yet."),
    # files
    Fault("torn-file", "files", "a result file that is half written",
          "The file is opened under its final name and then written, so a reader finds it empty "
          "or cut. Write under another name and rename: os.replace is one step."),
    Fault("late-file", "files", "done before the file is there",
          "The status changes before the file is complete. Write the file first, and change the "
          "status last."),
    Fault("other-file", "files", "a file that is not the answer",
          "The file holds something else than the data of the answer. Write exactly the JSON of "
          "data, under the id of the job that it belongs to."),
    Fault("no-files", "files", "no result files",
          "Jobs end, and results/ has no files of theirs. Write results/<job_id>.json, relative "
          "to the folder that the server is started in."),
    Fault("deleted-files", "files", "fails once results were deleted",
          "The server takes it for granted that files which it wrote are still there. Answer "
          "from memory, and make the folder anew where it is missing."),
    # shutdown
    Fault("jobs-lost", "shutdown", "acknowledged jobs are lost at shutdown",
          "A job is put into the queue after the sentinels, or workers stop while the queue has "
          "jobs. Check the flag and queue the job under one lock; put sentinels behind the last "
          "job."),
    Fault("accepted-afterwards", "shutdown", "a submit is accepted after the shutdown",
          "The flag is read, and the job is queued later, when it may have changed; or a route "
          "does not look at it at all. Check and queue under one lock, in one place for all "
          "routes."),
    Fault("wrong-shutdown-body", "shutdown", "a wrong answer to graceful_shutdown",
          "The answer is running while jobs remain, and done when none do. Compare yours with "
          "the contract."),
    Fault("wrong-refusal-body", "shutdown", "a wrong refusal after the shutdown",
          "A refused submit tells why, in the words of the contract. A client that gets anything "
          "else cannot know that it should not try again."),
    Fault("done-too-soon", "shutdown", "done, while jobs remain",
          "What is counted is the queue, and a job that a worker has taken is no longer in it. "
          "Count jobs that are accepted and not finished."),
    Fault("never-done", "shutdown", "never done, though no job remains",
          "The count of unfinished jobs does not come down to zero, or is not looked at again. "
          "Count a job as finished in a finally block."),
    Fault("threads-remain", "shutdown", "worker threads that do not end",
          "Some workers wait for ever on a queue or semaphore that nobody fills any more. Wake "
          "each of them: one sentinel, and one permit, for each worker."),
    Fault("results-gone", "shutdown", "results cannot be fetched after the shutdown",
          "The process ends, or its threads are cut off, although clients have not fetched their "
          "results. Stop the workers, and go on answering."),
    Fault("does-not-end", "shutdown", "the process does not end on SIGTERM",
          "A thread that is not a daemon waits for ever, or a handler of the signal joins it. "
          "Wake the workers before you join them, and join with a deadline."),
    Fault("call-hangs", "shutdown", "a call that hangs",
          "The route waits, with join or under a lock, for something that needs this very route "
          "or never comes. Notify in the route, and wait elsewhere."),
    Fault("second-call", "shutdown", "a second call of graceful_shutdown fails",
          "Asking again must be harmless: it is how clients learn that all is done. Make the "
          "first call do the work, and every call tell the state."),
    # workers
    Fault("too-many-workers", "workers", "more workers than asked for",
          "TP_NUM_OF_THREADS says how many threads run jobs. Something starts others: a second "
          "pool, a thread for each job, or a second call of start."),
    Fault("too-few-workers", "workers", "fewer workers than asked for",
          "TP_NUM_OF_THREADS is not read, is read too late, or is capped. Read it when the pool "
          "is built, and start exactly so many threads."),
    Fault("no-speed-up", "workers", "jobs that could overlap run one after another",
          "While one job waits, no other one runs, however many workers there are. A lock is "
          "held for the whole job: hold it only while shared state is changed."),
    Fault("busy-waiting", "workers", "CPU is burnt while there is nothing to do",
          "A worker asks again and again whether there is work, instead of waiting. Block in "
          "Queue.get, or on a semaphore or condition, until there is some."),
    Fault("memory-grows", "workers", "memory grows with each job",
          "Something large is kept for each job, such as a copy of the table or a closure that "
          "holds one. Keep the answer, and let go of the rest."),
    Fault("threads-grow", "workers", "threads grow with each job",
          "Threads are started for jobs or requests and never end. Let the pool's threads do the "
          "work, or see that each thread comes to its end."),
    Fault("worker-killed", "workers", "a bad job ends its worker",
          "An exception in a job leaves the loop of the thread that runs it, and that thread is "
          "gone. Catch it around the job, record it as the result, and go on."),
    # refusals
    Fault("body-500", "refusals", "a bad body gets an internal error",
          "The route takes for granted that a field is there and has the right type. Check the "
          "body first, and answer with a reason what is wrong."),
    Fault("html-error", "refusals", "an error that is HTML",
          "The framework's own error page was sent to a client that reads JSON. Register an "
          "error handler that answers JSON for every HTTPException."),
    Fault("traceback", "refusals", "an error that shows a traceback",
          "Debug mode, or an exception sent as text, shows the program's inside to whoever asks. "
          "Log it, and answer with a reason."),
    Fault("bad-body-hangs", "refusals", "a bad body is never answered",
          "The thread that served the request died or waits for ever. Every way through a route "
          "must end with an answer."),
    Fault("server-dies", "refusals", "a bad body ends the server",
          "One client must not be able to stop the others. Limit the size of a body, and catch "
          "what parsing it can raise."),
    # log
    Fault("no-log", "log", "no log",
          "webserver.log is not written. Configure a logger with a RotatingFileHandler when the "
          "app is built."),
    Fault("no-entry-exit", "log", "a route that does not log entry and exit",
          "Each request writes a line at INFO when it comes in and one when its answer goes out. "
          "Do it in one place for all routes, such as before_request and after_request."),
    Fault("local-time", "log", "times that are not UTC",
          "logging uses local time unless it is told otherwise. Set formatter.converter = "
          "time.gmtime."),
    Fault("no-rotation", "log", "a log that does not rotate",
          "The file grows until the disk is full. Use a RotatingFileHandler with maxBytes and "
          "backupCount above 0."),
    Fault("torn-lines", "log", "lines that threads tore apart",
          "Two threads wrote pieces of their lines at the same time. Write a whole line with one "
          "call, under a lock, as the logging module does."),
)  # fmt: skip

FAULTS: Mapping[str, Fault] = MappingProxyType({fault.name: fault for fault in _ALL})
