// Ask any statistic that the server has: its list tells which there are, and what each is asked.

import { answer, answerPath, ofDataset, read, send, submit } from "./api.js";
import { fieldsOf, listsOf } from "./ask_fields.js";
import { noteTrouble } from "./connection.js";
import { element, table } from "./dom.js";
import { start } from "./frame.js";
import { details } from "./job_details.js";
import { language, number, t } from "./texts.js";

const MOST_ROWS = 500; // that are shown; files have all

class Ask {
  constructor(statistics, lists) {
    this.statistics = new Map(statistics.map((one) => [one.name, one]));
    this.lists = lists;
    this.form = document.getElementById("ask");
    this.select = document.getElementById("statistic");
    this.message = document.getElementById("message");
    this.answer = document.getElementById("answer");
    this.select.replaceChildren(
      ...statistics.map(({ name, title }) => element("option", { value: name }, title)),
    );
    this.select.disabled = false;
    document.getElementById("go").disabled = false;
    this.select.addEventListener("change", () => this.choose(this.select.value));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const address = new URL(window.location.pathname, window.location);
      address.searchParams.set("statistic", this.select.value);
      address.searchParams.set("parameters", JSON.stringify(this.fields.read()));
      if (address.href !== window.location.href) window.history.pushState(null, "", address);
      this.ask(this.select.value, this.fields.read());
    });
    window.addEventListener("popstate", () => this.follow());
  }

  /** Show what the address says, and ask it if it says what. */
  follow() {
    const address = new URLSearchParams(window.location.search);
    const name = address.get("statistic") ?? this.statistics.keys().next().value;
    if (!this.statistics.has(name)) {
      this.choose(this.statistics.keys().next().value);
      this.say(t("errors.no_statistic", { value: name }), true);
      return;
    }
    let body = null;
    try {
      body = JSON.parse(address.get("parameters"));
    } catch {
      this.choose(name);
      this.say(t("ask.no_parameters"), true);
      return;
    }
    this.choose(name, body);
    // As the link has it, also where the fields cannot show it: the server says what is wrong.
    if (body) this.ask(name, body);
  }

  /** Show the fields of a statistic, filled in as in `body`, or else as in its example. */
  choose(name, body = null) {
    const { title, summary, parameters, example } = this.statistics.get(name);
    this.abort?.abort();
    this.select.value = name;
    document.getElementById("summary").textContent = summary === title ? "" : summary;
    const dataset = new URLSearchParams(window.location.search).get("dataset");
    this.fields = fieldsOf(parameters, body ?? { ...example, dataset }, this.lists);
    document.getElementById("fields").replaceChildren(...this.fields.nodes);
    this.answer.hidden = true;
    this.say("");
  }

  async ask(name, body) {
    this.abort?.abort();
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.answer.hidden = true;
    this.say(t("loading.asking"));
    try {
      const id = await submit(name, body, signal);
      this.say(t("loading.job", { job: id }));
      const data = await answer(id, signal);
      const [job, rows, picture] = await Promise.all([
        read(`/api/jobs/${id}`, { signal }),
        rowsOf(id, signal),
        pictureOf(id, signal),
      ]);
      signal.throwIfAborted();
      document.getElementById("answer-title").textContent = this.statistics.get(name).title;
      document.getElementById("sentence").textContent = sentenceOf(data.about ?? {});
      const warnings = (data.about?.warnings ?? []).map((text) => element("li", {}, text));
      document.getElementById("warnings").replaceChildren(...warnings);
      document.getElementById("picture").replaceChildren(picture);
      document.getElementById("rows").replaceChildren(tableOf(rows));
      document.getElementById("job").replaceChildren(...details(job));
      this.answer.hidden = false;
      const more = { shown: number(MOST_ROWS, 0), rows: number(rows.length, 0) };
      this.say(rows.length > MOST_ROWS ? t("ask.first", more) : rows.length ? "" : t("ask.none"));
    } catch (error) {
      if (signal.aborted) return;
      noteTrouble(error);
      this.say(error.message, true);
      if (!error.kind) throw error; // a fault of the page, for the console
    }
  }

  say(text, bad = false) {
    this.message.textContent = text;
    this.message.classList.toggle("error", bad);
  }
}

/** Return the answer in a sentence, in the page's language; empty where it has none. */
function sentenceOf(about) {
  return about[`answer_${language}`] ?? about.answer ?? "";
}

/** Return the rows of an answer: every statistic's is a table in this format. */
async function rowsOf(id, signal) {
  const lines = await (await send(answerPath(id, "ndjson"), { signal })).text();
  return lines
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** Return the chart that the server draws, or the reason why it draws none. */
async function pictureOf(id, signal) {
  try {
    const chart = await (await send(answerPath(id, "svg"), { signal })).blob();
    const image = element("img", { src: URL.createObjectURL(chart), alt: t("ask.chart") });
    image.addEventListener("load", () => URL.revokeObjectURL(image.src));
    return image;
  } catch (error) {
    if (!error.kind) throw error;
    return element("p", { class: "message" }, error.message);
  }
}

function tableOf(rows) {
  const columns = Object.keys(rows[0] ?? {}).map((name) => {
    const cells = rows.map((row) => row[name]).filter((cell) => cell !== null);
    const numeric = cells.length > 0 && cells.every((cell) => typeof cell === "number");
    return { title: name, numeric, whole: cells.every(Number.isInteger) };
  });
  const text = (cell, { numeric, whole }) =>
    numeric && !whole && cell !== null ? number(cell, 2) : String(cell ?? "");
  const shown = rows.slice(0, MOST_ROWS);
  return table(
    columns,
    shown.map((row) => columns.map((column) => text(row[column.title], column))),
  );
}

async function begin() {
  start();
  try {
    const [statistics, datasets, questions, states, categories] = await Promise.all([
      ...["statistics", "datasets"].map((name) => read(`/api/${name}`)),
      ...["questions", "states", "categories"].map((name) => read(ofDataset(`/api/${name}`))),
    ]);
    new Ask(statistics, listsOf({ datasets, questions, states, categories })).follow();
  } catch (error) {
    noteTrouble(error);
    const message = document.getElementById("message");
    message.textContent = error.message;
    message.classList.add("error");
    window.addEventListener("back", () => window.location.reload());
    if (!error.kind) throw error;
  }
}

begin();
