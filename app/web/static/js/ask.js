// Ask any statistic that the server has: its list tells which there are, and what each is asked.

import { addressOf, answerPath, curl, datasetName, json, ofDataset, read, send } from "./api.js";
import { fieldsOf, listsOf } from "./ask_fields.js";
import { noteTrouble } from "./connection.js";
import { element, table } from "./dom.js";
import { keepDataset, start, tellDataset } from "./frame.js";
import { missing, nearest } from "./likeness.js";
import { folded } from "./names.js";
import { count, number, pValue, plain, t } from "./texts.js";
import { sentenceOf } from "./wording.js";

const MOST_ROWS = 500; // that are shown; files have all
const FORMATS = ["csv", "ndjson", "parquet", "png", "svg"];
const P_VALUE = /^p_|_p(_value)?$/; // the names of columns of p-values

class Ask {
  constructor(statistics, datasets) {
    this.statistics = new Map(statistics.map((one) => [one.name, one]));
    this.datasets = datasets;
    this.lists = new Map(); // promises of the options of names, by dataset
    this.form = document.getElementById("ask");
    this.select = document.getElementById("statistic");
    this.message = document.getElementById("message");
    this.answer = document.getElementById("answer");
    this.select.replaceChildren(
      ...statistics.map(({ name, title }) => element("option", { value: name }, title)),
    );
    this.select.addEventListener("change", () =>
      this.choose(this.select.value, { dataset: this.fields?.read().dataset }),
    );
    this.form.addEventListener("change", ({ target }) => {
      if (target.id === "-dataset") this.choose(this.select.value, { body: this.fields.read() });
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const address = new URL(window.location.pathname, window.location);
      address.searchParams.set("statistic", this.select.value);
      address.searchParams.set("parameters", JSON.stringify(this.fields.read()));
      if (address.href !== window.location.href) window.history.pushState(null, "", address);
      this.ask(this.select.value, this.fields.read());
    });
    document.getElementById("as-job").addEventListener("click", () => {
      if (this.form.reportValidity()) this.submit(this.select.value, this.fields.read());
    });
    window.addEventListener("popstate", () => this.follow());
    window.addEventListener("back", () => this.again?.());
  }

  /** Get the names that statistics may be asked of, so that they can be chosen while the server is away. */
  async prepare() {
    const usual = new Set([...this.statistics.values()].map(({ dataset }) => dataset));
    await Promise.all([...usual].map((name) => this.#listsOf(name)));
  }

  /** Show what the address says, and ask it if it says what. */
  follow() {
    const address = new URLSearchParams(window.location.search);
    const [first] = this.statistics.keys();
    const name = address.get("statistic") ?? first;
    const dataset = datasetName();
    if (!this.statistics.has(name))
      return this.choose(first, { wrong: missing("statistic", name, this.#like(name)) });
    if (dataset && !this.#find(dataset)) {
      const names = this.datasets.map((one) => [one.name, one.name]);
      return this.choose(name, { wrong: missing("dataset", dataset, nearest(dataset, names)) });
    }
    let body = null;
    try {
      body = JSON.parse(address.get("parameters"));
    } catch {
      return this.choose(name, { dataset, wrong: t("ask.no_parameters") });
    }
    // As the link has it, also where it is wrong: the server says what is.
    if (body) body = { ...body, dataset: body.dataset ?? dataset };
    return this.choose(name, { body, dataset, asks: Boolean(body) });
  }

  /**
   * Show the fields of a statistic, filled in as in `body`, or else as in its example, of a `dataset` if one
   * is named. Then ask, where it `asks`, or say what is `wrong` with a link, in texts and nodes.
   */
  choose(name, { body = null, dataset = null, asks = false, wrong = "" } = {}) {
    const { title, summary, parameters, example, dataset: usual } = this.statistics.get(name);
    this.select.value = name;
    document.getElementById("summary").textContent = summary === title ? "" : summary;
    const given = body ?? { ...example, dataset };
    const asked = this.#find(given.dataset ?? usual);
    this.#enable(false);
    return this.#waiting(
      async (signal) => {
        const lists = await this.#listsOf(asked?.name ?? usual);
        signal.throwIfAborted();
        const { id } = document.activeElement;
        this.fields = fieldsOf(parameters, given, lists, { keeps: body !== null });
        document.getElementById("fields").replaceChildren(...this.fields.nodes);
        if (document.activeElement.id !== id) document.getElementById(id)?.focus();
        this.select.disabled = false;
        this.#enable(true);
        keepDataset(given.dataset && asked?.name);
        tellDataset(asked);
        this.say(wrong, Boolean(wrong));
        if (asks) await this.ask(name, body);
      },
      () => this.choose(name, { body, dataset, asks, wrong }),
    );
  }

  /** Return the [name, title] of the statistic that a name is most like, null where it is like none. */
  #like(name) {
    return nearest(
      name,
      [...this.statistics.values()].map((one) => [one.name, one.title]),
    );
  }

  /** Return what is told of the dataset of a name, undefined where there is none. */
  #find(name) {
    return this.datasets.find((one) => folded(one.name) === folded(String(name)));
  }

  /** Return the options of the names that a dataset has, asked for once. */
  #listsOf(dataset) {
    if (!this.lists.has(dataset)) {
      const { datasets } = this;
      const names = ["questions", "states", "categories"];
      const all = Promise.all(names.map((name) => read(ofDataset(`/api/${name}`, dataset)))).then(
        ([questions, states, categories]) => listsOf({ datasets, questions, states, categories }),
      );
      all.catch(() => this.lists.delete(dataset));
      this.lists.set(dataset, all);
    }
    return this.lists.get(dataset);
  }

  #enable(is) {
    for (const name of ["go", "as-job"]) document.getElementById(name).disabled = !is;
  }

  /** Ask by the answer's address, and show what it says. */
  ask(name, body) {
    return this.#waiting(async (signal) => {
      const pathTo = (format) => answerPath(name, body, format);
      const { about, columns, rows } = await json(pathTo(""), { signal });
      const [table, picture] = await Promise.all([
        columns ? { columns, rows } : linesOf(pathTo("ndjson"), signal),
        pictureOf(pathTo("svg"), signal),
      ]);
      signal.throwIfAborted();
      const sentence = document.getElementById("sentence");
      const { text, lang } = sentenceOf(about);
      [sentence.textContent, sentence.lang] = [text, lang];
      document.getElementById("answer-title").textContent = this.statistics.get(name).title;
      const warnings = (about?.warnings ?? []).map((text) => element("li", {}, plain(text)));
      document.getElementById("warnings").replaceChildren(...warnings);
      document.getElementById("picture").replaceChildren(picture);
      document.getElementById("rows").replaceChildren(tableOf(table));
      document.getElementById("asked").textContent = about?.asked ?? "";
      document.getElementById("command").textContent = curl(pathTo(""));
      const links = FORMATS.map((format) =>
        element(
          "a",
          { class: "button quiet", href: addressOf(pathTo(format)), download: true },
          format.toUpperCase(),
        ),
      );
      document.getElementById("files").replaceChildren(`${t("take.download")} `, ...links);
      this.answer.hidden = false;
      const n = table.rows.length;
      const more = { shown: number(MOST_ROWS, 0), rows: count("footer.rows", n) };
      this.say(n > MOST_ROWS ? t("ask.first", more) : n ? "" : t("ask.none"));
    }, () => this.ask(name, body));
  }

  /** Submit a job that asks the same. */
  submit(name, body) {
    return this.#waiting(async (signal) => {
      const response = await send(`/api/${name}`, { method: "POST", body, signal });
      const { job_id: job } = await response.json();
      this.say(t("ask.accepted", { job }));
    });
  }

  /** Act, and say what fails; `again`, if there is one, is called once a server that was away is back. */
  async #waiting(act, again = null) {
    this.abort?.abort();
    this.again = null;
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.answer.hidden = true;
    this.say(t("loading.asking"));
    try {
      await act(signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!noteTrouble(error)) this.say(error.message, true);
      else if (error.kind === "token") this.say(""); // it is asked for
      else {
        this.again = again;
        this.say(again ? error.message : t("ask.not_sent"), true);
      }
      if (!error.kind) throw error; // a fault of the page, for the console
    }
  }

  /** Say a text, or texts and nodes. */
  say(text, bad = false) {
    this.message.replaceChildren(...[text].flat());
    this.message.classList.toggle("error", bad);
  }
}

/** Return the table of an answer that is none itself, as the course's are: its lines are objects. */
async function linesOf(path, signal) {
  const lines = await (await send(path, { signal })).text();
  const rows = lines
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const columns = Object.keys(rows[0] ?? {});
  return { columns, rows: rows.map((row) => columns.map((name) => row[name])) };
}

/** Return the chart that the server draws, or the reason why it draws none. */
async function pictureOf(path, signal) {
  try {
    const chart = await (await send(path, { signal })).blob();
    const image = element("img", { src: URL.createObjectURL(chart), alt: t("ask.chart") });
    image.addEventListener("load", () => URL.revokeObjectURL(image.src));
    return image;
  } catch (error) {
    if (!error.kind) throw error;
    return element("p", { class: "message" }, error.message);
  }
}

function tableOf({ columns, rows }) {
  const heads = columns.map((title, place) => {
    const cells = rows.map((row) => row[place]).filter((cell) => cell !== null);
    const numeric = cells.length > 0 && cells.every((cell) => typeof cell === "number");
    return { title, numeric, whole: cells.every(Number.isInteger) };
  });
  const text = (cell, { title, numeric, whole }) => {
    if (!numeric || cell === null) return String(cell ?? "");
    if (P_VALUE.test(title)) return pValue(cell);
    return whole ? String(cell).replace("-", "−") : number(cell, 2);
  };
  const shown = rows.slice(0, MOST_ROWS);
  return table(
    heads,
    shown.map((row) => row.map((cell, place) => text(cell, heads[place]))),
  );
}

async function begin() {
  start(undefined, { tells: false });
  try {
    const names = ["statistics", "datasets"];
    const [statistics, datasets] = await Promise.all(names.map((name) => read(`/api/${name}`)));
    const ask = new Ask(statistics, datasets);
    await ask.prepare();
    ask.follow();
  } catch (error) {
    noteTrouble(error);
    tellDataset(null);
    const message = document.getElementById("message");
    message.textContent = error.kind === "token" ? "" : error.message;
    message.classList.add("error");
    window.addEventListener("back", () => window.location.reload());
    if (!error.kind) throw error;
  }
}

begin();
