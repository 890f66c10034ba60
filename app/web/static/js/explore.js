// Explore: from what is chosen to what the views show.

import { read } from "./api.js";
import { differenceOf } from "./charts/difference.js";
import { mapOf, readAtlas } from "./charts/map.js";
import { rankingOf } from "./charts/ranking.js";
import { strataOf } from "./charts/strata.js";
import { yearlyOf } from "./charts/yearly.js";
import { Choices, shortName } from "./choices.js";
import { clearChosen, showChosen } from "./chosen.js";
import { noteTrouble } from "./connection.js";
import { element } from "./dom.js";
import { dataset, start } from "./frame.js";
import { linkTo, readLink, writeLink } from "./link.js";
import { STATISTICS, loadStrata } from "./statistics.js";
import { Answers } from "./tables.js";
import * as tables from "./view_tables.js";
import { behind, differenceText, rangeText, sentence, valueText } from "./telling.js";
import { called, t } from "./texts.js";
import { hideTip, showTip } from "./tip.js";
import { View } from "./views.js";

const ABOUT_STATES = ["map", "ranking", "difference"];

class Explore {
  /** `atlas` is a promise of the map's shapes. */
  constructor(known, atlas) {
    this.known = known;
    this.atlas = atlas;
    this.answers = new Answers((job) => {
      for (const view of Object.values(this.views)) view.waits(t("loading.job", { job }));
    });
    this.choices = new Choices(document.getElementById("choices"), known, () => this.changed(true));
    const link = (view) => linkTo(this.choices.link, view);
    const leave = hideTip;
    const choose = (datum) => {
      this.choices.toggle(datum.state);
      this.changed(true);
    };
    const point = (datum, node) => this.point(datum, node);
    const pointStratum = (datum, node) => this.pointStratum(datum, node);
    this.views = Object.fromEntries([
      ...ABOUT_STATES.map((name) => [name, new View(name, { point, leave, choose }, link)]),
      ["strata", new View("strata", { point: pointStratum, leave }, link)],
    ]);
    window.addEventListener("popstate", () => this.follow());
    window.addEventListener("back", () => {
      this.answers.forget();
      this.changed(false);
    });
    this.#followWidth();
  }

  /** Show what the address says. */
  follow() {
    const wrong = this.choices.put(readLink());
    const told = wrong.map(([choice, value]) => t(`errors.no_${choice}`, { value }));
    document.getElementById("link-message").textContent = told.join(" ");
    this.changed(false);
  }

  /** Show what is chosen now; `isNew`: as a step that one can go back from. */
  async changed(isNew) {
    const { chosen } = this.choices;
    if (isNew) document.getElementById("link-message").textContent = "";
    writeLink(this.choices.link, isNew);
    this.#headline(chosen);
    this.abort?.abort();
    this.abort = new AbortController();
    const { signal } = this.abort;
    const subject = JSON.stringify([chosen.question, chosen.statistic, chosen.group, chosen.year]);
    try {
      if (this.subject !== subject || !this.model) await this.#showStates(chosen, subject, signal);
      else for (const name of ABOUT_STATES) this.views[name].choose(chosen.state);
      showChosen(chosen.state, this.model);
      await this.#showStrata(chosen, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!error.kind) throw error;
      noteTrouble(error);
      const shown = this.subject === subject;
      if (!shown) {
        clearChosen(chosen.state);
        this.#cautions([]);
      }
      for (const view of shown ? [this.views.strata] : Object.values(this.views))
        view.fail(error, () => this.changed(false));
    }
  }

  /** Draw everything anew. */
  retheme() {
    for (const view of Object.values(this.views)) view.redraw();
  }

  point({ state }, node) {
    const { model } = this;
    const row = model.rows.find((one) => one.state === state) ?? { state, status: "missing" };
    const told =
      row.status === "value" ? valueText(row.value, model.unit) : t(`status.${row.status}`);
    showTip(node, state, told, behind(row, model));
  }

  pointStratum(datum, node) {
    const row = this.strata?.find(
      (one) => one.category === datum.category && one.stratum === datum.stratum,
    );
    if (!row) return showTip(node, datum.told, "", []);
    const told =
      row.status === "value" ? valueText(row.value, "percent") : t(`status.${row.status}`);
    return showTip(
      node,
      called("strata", row.stratum),
      told,
      behind(row, { ...this.model, unit: "percent" }),
    );
  }

  async #showStates(chosen, subject, signal) {
    this.subject = null; // what all views show: none, until they are whole
    for (const view of Object.values(this.views)) view.busy();
    const model = await STATISTICS[chosen.statistic].load(this.answers, chosen, signal);
    signal.throwIfAborted();
    this.model = model;
    this.#headline(chosen, model);
    this.#cautions(model.warnings);
    showChosen(chosen.state, model);
    if (!model.rows.some((row) => row.status === "value")) {
      for (const view of Object.values(this.views)) view.empty(t("errors.nothing"));
      this.subject = subject;
      return;
    }
    this.shapes ??= await this.atlas;
    for (const name of ABOUT_STATES) {
      const content = this.#content(name, chosen, model);
      if (content.rows.length) await this.views[name].show(content);
      else this.views[name].empty(t("errors.no_nation")); // only differences need it
      signal.throwIfAborted();
    }
    this.subject = subject;
  }

  #content(name, chosen, model) {
    const specs = { map: mapOf, ranking: rankingOf, difference: differenceOf };
    const of = { map: [this.shapes, this.known.states] }[name] ?? [];
    return {
      ...this.#about(name, chosen, model),
      job: model.jobs[name],
      ...tables[name](model),
      chosen: (datum) => datum.state === this.choices.chosen.state,
      spec: (look) => specs[name](model, ...of, this.#look(look, model)),
    };
  }

  async #showStrata(chosen, signal) {
    const view = this.views.strata;
    const { model } = this;
    this.strata = null;
    const title = document.getElementById("strata-title");
    title.textContent = t(model.yearly ? "views.strata.title_years" : "views.strata.title");
    if (!chosen.state) return view.empty(t("chosen.none_strata"));
    const about = this.#about("strata", chosen, model);
    if (model.yearly) {
      return view.show({
        ...about,
        job: model.jobs.strata,
        ...tables.yearly(model, chosen.state),
        chosen: () => false,
        spec: (look) => yearlyOf(model.yearly, chosen.state, this.#look(look, model)),
      });
    }
    view.busy();
    const { job, rows } = await loadStrata(this.answers, chosen, model, signal);
    signal.throwIfAborted();
    this.strata = rows;
    if (!rows.some((row) => row.category !== "Total")) return view.empty(t("errors.no_strata"));
    return view.show({
      ...about,
      job,
      ...tables.strata(rows),
      chosen: () => false,
      spec: (look) => strataOf(rows, this.#look(look, model)),
    });
  }

  #about(name, chosen, model) {
    const question = shortName(chosen.about);
    const group = chosen.group ? called("strata", chosen.group) : t("choose.of_everyone");
    const parts = [model.years, chosen.statistic === "mean" ? "" : group];
    const what = parts.filter(Boolean).join(", ");
    const where = name === "strata" ? ` · ${chosen.state}` : "";
    return {
      heading: `${question} · ${t(`views.${name}.title`)}${where}`,
      note: `${t(`views.${name}.note_${chosen.statistic}`)} ${what}`,
      // What a picture has to tell when it is on its own.
      told: [
        chosen.about.text,
        t(`footer.sources.${this.known.source}`),
        t("take.source", { address: window.location.host }),
      ],
      file: [chosen.question, chosen.statistic, name, name === "strata" ? chosen.state : ""]
        .filter(Boolean)
        .join("-")
        .replace(/[^\w-]+/g, "_")
        .slice(0, 80),
    };
  }

  #look(look, model) {
    return {
      ...look,
      chosen: this.choices.chosen.state,
      sentence: (name, row) => sentence(name, row, model),
      difference: (from) => differenceText(from, model),
      percent: (row) =>
        [valueText(row.value, "percent"), rangeText(row, "percent")].filter(Boolean).join(", "),
    };
  }

  #headline(chosen, model) {
    const name = shortName(chosen.about);
    const title = model ? t("explore.headline", { name, years: model.years }) : name;
    document.getElementById("headline").textContent = title;
    document.getElementById("question-text").textContent = chosen.about.text;
    document.getElementById("statistic-about").textContent = t(
      `statistics.${chosen.statistic}.about`,
    );
    document.title = `${[title, chosen.state].filter(Boolean).join(" · ")} · Le Stats Sportif`;
  }

  #cautions(warnings) {
    document.getElementById("cautions").hidden = !warnings.length;
    const items = warnings.map((text) => element("li", {}, text));
    document.getElementById("cautions-list").replaceChildren(...items);
  }

  #followWidth() {
    let width = window.innerWidth;
    let soon = 0;
    window.addEventListener("resize", () => {
      if (window.innerWidth === width) return; // a phone's address bar comes and goes
      width = window.innerWidth;
      clearTimeout(soon);
      soon = setTimeout(() => this.retheme(), 150);
    });
  }
}

async function begin() {
  const assets = document.body.dataset.assets;
  try {
    const [questions, states, categories, about, topology] = await Promise.all([
      read("/api/questions"),
      read("/api/states"),
      read("/api/categories"),
      dataset(),
      fetch(`${assets}/vendor/us-states.json`).then((response) => response.json()),
    ]);
    const known = { questions, states, categories, source: about.source.kind };
    const explore = new Explore(known, readAtlas(topology));
    explore.follow();
    start(() => explore.retheme());
  } catch (error) {
    start();
    noteTrouble(error);
    document.getElementById("link-message").textContent = error.message;
    window.addEventListener("back", () => window.location.reload());
    if (!error.kind) throw error;
  }
}

begin();
