// One job, in a dialog or elsewhere: what it asked, how it was answered, and the way to its answer.

import { read, send } from "./api.js";
import { button, element, facts, save } from "./dom.js";
import { time } from "./job_rows.js";
import { t } from "./texts.js";

const FORMATS = ["csv", "json", "svg"];

/** Open the dialog on a job. */
export async function showDetails(jobId) {
  const dialog = document.getElementById("details");
  const body = document.getElementById("details-body");
  document.getElementById("details-title").textContent = jobId;
  body.replaceChildren(element("p", { class: "message" }, t("loading.asking")));
  dialog.showModal();
  try {
    const job = await read(`/api/jobs/${jobId}`);
    body.replaceChildren(...details(job));
  } catch (error) {
    body.replaceChildren(element("p", { class: "message error" }, error.message));
  }
}

/** Return what a job asked, how it went, its command, and buttons for its answer. */
export function details(job) {
  const message = element("p", { class: "message error", role: "status" });
  const parts = [
    element("p", {}, job.asked),
    facts([
      [t("jobs.columns.status"), t(`jobs.statuses.${job.status}`)],
      [t("jobs.columns.accepted"), time(job.accepted_at)],
      [t("jobs.columns.started"), time(job.started_at)],
      [t("jobs.columns.ended"), time(job.ended_at)],
      [t("jobs.dataset"), [job.dataset_name, job.dataset].filter(Boolean).join(", ")],
      [t("jobs.reason"), job.reason],
    ]),
    element("pre", { tabindex: "0", "aria-label": "curl" }, job.curl),
  ];
  if (job.status === "done") {
    const buttons = FORMATS.map((format) =>
      button(format.toUpperCase(), () => download(job.job_id, format, message)),
    );
    parts.push(
      element("div", { class: "downloads" }, `${t("take.download")} `, ...buttons),
      message,
    );
  }
  return parts;
}

async function download(jobId, format, message) {
  message.textContent = "";
  try {
    const query = format === "json" ? "" : `?format=${format}`;
    const answer = await send(`/api/get_results/${jobId}${query}`);
    save(await answer.blob(), `${jobId}.${format}`);
  } catch (error) {
    message.textContent = error.message;
  }
}
