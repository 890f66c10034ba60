// The HTTP API, as any client uses it: an answer has an address, and the browser keeps it for a while.

import { language, plain, t } from "./texts.js";

const MOST_TRIES = 5;
const MOST_SECONDS = 5; // until the next one

/** Something that kept an answer from coming; its message is a sentence for people. */
export class ApiError extends Error {
  /** `kind`: "gone", "stopping", "busy", "token", "expired", "refused", "failed", "changing". */
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

/** Return the path of an answer; `body` has what is asked, as the body of a job would. */
export function answerPath(statistic, body, format = "") {
  return `/api/answers/${statistic}${format && `.${format}`}?${new URLSearchParams(pairsOf(body))}`;
}

function pairsOf(body, prefix = "") {
  return Object.entries(body).flatMap(([key, value]) => {
    if (value === null || value === undefined) return [];
    if (Array.isArray(value)) return value.map((one) => [`${prefix}${key}`, one]);
    if (typeof value === "object") return pairsOf(value, `${prefix}${key}.`);
    return [[`${prefix}${key}`, value]];
  });
}

/** Return the name of the dataset that the address of the page has, null without one. */
export function datasetName() {
  return new URLSearchParams(window.location.search).get("dataset");
}

/** Return the path of what to ask about a dataset, the one that the page is of by default. */
export function ofDataset(path, name = datasetName()) {
  return name ? `${path}?${new URLSearchParams({ dataset: name })}` : path;
}

/** Return the address of a path of the API; before both, a proxy may have a path of its own. */
export function addressOf(path) {
  return new URL(`${document.body.dataset.root}${path}`, window.location).href;
}

/** Return a path of the API that has its sentences in the page's language. */
function spoken(path) {
  if (language === "en") return path; // as it is by default
  return `${path}${path.includes("?") ? "&" : "?"}lang=${language}`;
}

/** Return the command that asks for the same in a terminal. */
export function curl(path) {
  const token = sessionStorage.getItem("token") ? '-H "Authorization: Bearer $TOKEN" ' : "";
  return `curl ${token}"${addressOf(path)}"`;
}

/** Send a request; return the response, or throw an ApiError that says why there is none. */
export async function send(path, { method = "GET", body, signal, cache } = {}) {
  const token = sessionStorage.getItem("token");
  const headers = { Accept: "application/problem+json, */*" }; // errors come with a code then
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const request = { method, headers, body: body && JSON.stringify(body), signal, cache };
  let response;
  try {
    response = await fetch(addressOf(spoken(path)), request);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError("gone", t("errors.gone"));
  }
  if (response.ok) return response;
  throw await refusal(response);
}

/** Return what a GET brings, as JSON; a server that is busy is asked again. */
export async function json(path, options = {}) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await (await send(path, options)).json();
    } catch (error) {
      const isBrief = error.kind === "busy" && error.retryAfter <= MOST_SECONDS;
      if (!isBrief || tries === MOST_TRIES) throw error;
      await pause(error.retryAfter * 1000, options.signal);
    }
  }
}

/** Return the data of a GET. */
export async function read(path, options) {
  return (await json(path, options)).data;
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

async function refusal(response) {
  const { status } = response;
  let reason, code;
  try {
    ({ detail: reason, code } = await response.json());
  } catch {
    // not the server's own words, but a proxy's before it
    if (status >= 502) return new ApiError("gone", t("errors.gone"));
  }
  reason = plain(reason ?? response.statusText);
  if (status === 401) return new ApiError("token", t("errors.token"));
  if (status === 404 || status === 410) return new ApiError("expired", t("errors.expired"));
  if (code === "shutting-down") return new ApiError("stopping", t("errors.stopping"));
  if (status === 503 || status === 429) {
    // Of the client's own bound, the reason says when to ask again.
    const own = code === "rate-limited";
    const busy = new ApiError("busy", own ? t("errors.refused", { reason }) : t("errors.busy"));
    busy.retryAfter = Number(response.headers.get("Retry-After")) || 1;
    return busy;
  }
  if (status >= 500) return new ApiError("failed", t("errors.failed", { reason }));
  return new ApiError("refused", t("errors.refused", { reason }));
}
