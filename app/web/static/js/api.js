// The HTTP API, as any client uses it: submit a question, wait for the job, take its answer.

import { t } from "./texts.js";

const WAIT_SECONDS = 25;
const MOST_TRIES = 5;

/** Something that kept an answer from coming; its message is a sentence for people. */
export class ApiError extends Error {
  /** `kind`: "gone", "stopping", "busy", "token", "expired", "refused", "failed", "cancelled". */
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

/** Return the path of a job's answer. */
export function answerPath(jobId, format = "") {
  return `/api/get_results/${jobId}${format && `?format=${format}`}`;
}

/** Return the path of what to ask about the dataset that the page is of. */
export function ofDataset(path) {
  const name = new URLSearchParams(window.location.search).get("dataset");
  return name ? `${path}?${new URLSearchParams({ dataset: name })}` : path;
}

/** Return the address of a path of the API; before both, a proxy may have a path of its own. */
function addressOf(path) {
  return `${document.body.dataset.root}${path}`;
}

/** Return the command that asks the same in a terminal: POSTs a body, if there is one. */
export function curl(path, body) {
  const token = sessionStorage.getItem("token") ? '-H "Authorization: Bearer $TOKEN" ' : "";
  const address = new URL(addressOf(path), window.location);
  if (body === undefined) return `curl ${token}"${address}"`;
  return `curl ${token}${address} -d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`;
}

/** Send a request; return the response, or throw an ApiError that says why there is none. */
export async function send(path, { method = "GET", body, signal } = {}) {
  const token = sessionStorage.getItem("token");
  const headers = { Accept: "application/problem+json, */*" };  // errors come with a code then
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(addressOf(path), { method, headers, body: body && JSON.stringify(body), signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError("gone", t("errors.gone"));
  }
  if (response.ok) return response;
  throw await refusal(response);
}

/** Return the data of a GET. */
export async function read(path, options = {}) {
  return (await (await send(path, options)).json()).data;
}

/** Submit a job and return its id; a server that is busy is asked again. */
export async function submit(statistic, body, signal) {
  for (let tries = 1; ; tries += 1) {
    try {
      const path = `/api/${statistic}`;
      return (await (await send(path, { method: "POST", body, signal })).json()).job_id;
    } catch (error) {
      if (error.kind !== "busy" || tries === MOST_TRIES) throw error;
      await pause(error.retryAfter * 1000, signal);
    }
  }
}

/** Return the answer of a job once it has one. The job goes on while the server is away. */
export async function answer(jobId, signal) {
  for (;;) {
    try {
      const path = `${answerPath(jobId)}?wait=${WAIT_SECONDS}`;
      const response = await send(path, { signal });
      const told = await response.json();
      if (told.status === "done") return told.data;
      if (told.status === "error") throw await failure(jobId, told, signal);
      // Where as many wait as may, the server answers at once, and says when to come again.
      await pause((Number(response.headers.get("Retry-After")) || 0) * 1000, signal);
    } catch (error) {
      if (!["gone", "busy"].includes(error.kind)) throw error;
      window.dispatchEvent(new CustomEvent("trouble", { detail: error }));
      await pause((error.retryAfter ?? 1) * 1000, signal);
    }
  }
}

/** Wait for so many milliseconds, or throw when the signal aborts. */
export function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

/** Return why a job has no answer: it failed, or was cancelled. */
async function failure(jobId, told, signal) {
  const { status } = await read(`/api/jobs/${jobId}`, { signal });
  if (status === "cancelled") return new ApiError("cancelled", t("errors.cancelled"));
  return new ApiError("failed", t("errors.failed", told));
}

async function refusal(response) {
  const { status } = response;
  let reason, code;
  try {
    ({ detail: reason, code } = await response.json());
  } catch {
    // not the server's own words, but a proxy's before it
    if (status >= 502) return new ApiError("gone", t("errors.gone"));
  }
  reason ??= response.statusText;
  if (status === 401) return new ApiError("token", t("errors.token"));
  if (status === 404 || status === 410) return new ApiError("expired", t("errors.expired"));
  if (status === 503) {
    if (code === "shutting-down") return new ApiError("stopping", t("errors.stopping"));
    const busy = new ApiError("busy", t("errors.busy"));
    busy.retryAfter = Number(response.headers.get("Retry-After")) || 1;
    return busy;
  }
  if (status >= 500) return new ApiError("failed", t("errors.failed", { reason }));
  return new ApiError("refused", t("errors.refused", { reason }));
}
