// Explore: from what is chosen to what the views show.

import { ofDataset, read } from "./api.js";
import { readAtlas } from "./charts/map.js";
import { Choices, shortName } from "./choices.js";
import { Contents, titleOf } from "./contents.js";
import { ChosenState } from "./chosen.js";
import { noteTrouble } from "./connection.js";
import { button, element } from "./dom.js";
import { dataset, start } from "./frame.js";
import { linkTo, readLink, writeLink } from "./link.js";
import { TOTAL } from "./names.js";
import { loadStrata, measuresOf } from "./statistics.js";
import { Answers } from "./tables.js";
import { behind, valueText } from "./wording.js";
import { called, speakOf, t } from "./texts.js";
import { hideTip, showTip } from "./tip.js";
import { View } from "./views.js";

const ABOUT_STATES = ["map", "ranking", "difference"];

class Explore {
  /** `shapes` is a promise of the map's. */
  constructor(known, shapes) {
    this.known = known;
    this.shapes = shapes;
    this.answers = new Answers({
      // What the page is of, where the statistic would ask another dataset.
      asks: (statistic) => (known.datasets.get(statistic) === known.dataset ? null : known.dataset),
      waits: (job) => this.#each((view) => view.waits(t("loading.job", { job }))),
      // The lists are of the dataset before, too; the address keeps what is chosen.
      changed: () => window.location.reload(),
    });
    const changed = (control) => this.changed(control);
    this.choices = new Choices(document.getElementById("choices"), known, changed);
    this.card = new ChosenState();
    const events = {
      leave: hideTip,
      choose: ({ state }) => {
        this.choices.toggle(state);
        this.changed("state");
      },
      point: (datum, node) => this.#point(datum, node),
    };
    const others = {
      ...events,
      choose: null,
      point: (datum, node) => this.#pointGroup(datum, node),
    };
    const help = {
      link: (view) => linkTo(this.choices.link, view),
      renew: (job) => this.answers.renew(job),
    };
    this.views = Object.fromEntries([
      ...ABOUT_STATES.map((name) => [name, new View(name, events, help)]),
      ["strata", new View("strata", others, help)],
    ]);
    window.addEventListener("popstate", () => this.follow());
    window.addEventListener("back", () => {
      this.answers.forget();
      this.subject = null;
      this.changed();
    });
    this.#followWidth();
  }

  /** Show what the address says. */
  follow() {
    const wrong = this.choices.put(readLink());
    const told = wrong.map(([choice, value]) => t(`errors.no_${choice}`, { value }));
    document.getElementById("link-message").textContent = told.join(" ");
    this.changed();
  }

  /** Show what is chosen now; `control` names what was changed by hand, if anything was. */
  async changed(control = "") {
    const { chosen } = this.choices;
    speakOf(this.known.layout, chosen.about);
    if (control) document.getElementById("link-message").textContent = "";
    writeLink(this.choices.link, control);
    this.abort?.abort();
    this.abort = new AbortController();
    const { signal } = this.abort;
    const subject = JSON.stringify([chosen.question, chosen.statistic, chosen.group, chosen.year]);
    const same = this.subject === subject;
    this.#headline(chosen, same ? this.model : null);
    try {
      if (same) for (const name of ABOUT_STATES) this.views[name].choose(chosen.state);
      else await this.#showStates(chosen, subject, signal);
      this.card.show(chosen.state, this.model);
      await this.#showStrata(chosen, signal);
    } catch (error) {
      if (!signal.aborted) this.#fail(error, chosen, this.subject === subject);
    }
  }

  /** Draw everything anew. */
  redraw() {
    hideTip();
    this.#each((view) => view.redraw());
  }

  #fail(error, chosen, statesAreShown) {
    noteTrouble(error);
    if (!statesAreShown) {
      this.card.clear(chosen.state);
      this.#cautions([]);
    }
    const failed = statesAreShown ? [this.views.strata] : Object.values(this.views);
    for (const view of failed) view.fail(error, () => this.changed());
    if (!error.kind) throw error; // a fault of the page, for the console
  }

  async #showStates(chosen, subject, signal) {
    this.subject = null; // what all views show: none, until they are whole
    this.#each((view) => view.busy());
    this.card.busy();
    this.#cautions([]);
    const model = await this.known.measures[chosen.statistic].load(this.answers, chosen, signal);
    signal.throwIfAborted();
    this.model = model;
    this.#headline(chosen, model);
    this.#cautions(model.warnings);
    this.card.show(chosen.state, model);
    if (!model.rows.some((row) => row.status === "value")) {
      this.#each((view) => view.empty(t("errors.nothing")));
      this.subject = subject;
      return;
    }
    this.contents ??= new Contents(this.known, await this.shapes, () => this.choices.chosen.state);
    for (const name of ABOUT_STATES) {
      const content = this.contents.ofStates(name, chosen, model);
      if (content.rows.length) await this.views[name].show(content);
      else this.views[name].empty(t("errors.no_nation")); // only differences need it
      signal.throwIfAborted();
    }
    this.subject = subject;
  }

  async #showStrata(chosen, signal) {
    const { model } = this;
    const view = this.views.strata;
    this.groups = null;
    view.entitle(titleOf("strata", model));
    if (!chosen.state) {
      view.empty(t(model.yearly ? "chosen.none_years" : "chosen.none_strata"));
    } else if (model.yearly) {
      await view.show(this.contents.ofYears(chosen, model));
    } else if (this.contents) {
      view.busy();
      const found = await loadStrata(this.answers, chosen, model, signal);
      signal.throwIfAborted();
      this.groups = found.rows;
      const groups = found.rows.filter((row) => row.category !== TOTAL);
      const whys = new Set(groups.map((row) => row.status));
      if (!groups.length) {
        view.empty(t("errors.no_strata"));
      } else if (whys.size === 1 && !whys.has("value")) {
        view.empty(t(`status.${[...whys][0]}_about`));
      } else {
        await view.show(this.contents.ofStrata(found, chosen, model));
      }
    }
  }

  #point({ state }, node) {
    const found = this.model.rows.find((one) => one.state === state);
    this.#tell(node, state, found ?? { state, status: "missing" }, this.model);
  }

  #pointGroup(datum, node) {
    const row = this.groups?.find(
      (one) => one.category === datum.category && one.stratum === datum.stratum,
    );
    if (row)
      this.#tell(node, called("strata", row.stratum), row, { ...this.model, unit: "percent" });
    else showTip(node, datum.told, "", []);
  }

  #tell(node, name, row, model) {
    const is = row.status === "value";
    const told = is ? valueText(row.value, model.unit) : t(`status.${row.status}`);
    showTip(node, name, told, behind(row, model));
  }

  #headline(chosen, model) {
    const name = shortName(chosen.about, this.known.questions);
    const title = model ? t("explore.headline", { name, years: model.years }) : name;
    document.getElementById("headline").textContent = title;
    document.getElementById("question-text").textContent = chosen.about.text;
    const about = t(`statistics.${chosen.statistic}.about`);
    document.getElementById("statistic-about").textContent = about;
    document.title = `${[title, chosen.state].filter(Boolean).join(" · ")} · Le Stats Sportif`;
  }

  #cautions(warnings) {
    document.getElementById("cautions").hidden = !warnings.length;
    const items = warnings.map((text) => element("li", {}, text));
    document.getElementById("cautions-list").replaceChildren(...items);
  }

  #each(act) {
    for (const view of Object.values(this.views)) act(view);
  }

  #followWidth() {
    let width = window.innerWidth;
    let soon = 0;
    window.addEventListener("resize", () => {
      if (window.innerWidth === width) return; // a phone's address bar comes and goes
      width = window.innerWidth;
      clearTimeout(soon);
      soon = setTimeout(() => this.redraw(), 150);
    });
  }
}

async function begin() {
  const atlas = `${document.body.dataset.assets}/vendor/us-states.json`;
  let explore = null;
  start(() => explore?.redraw());
  try {
    const [statistics, questions, states, categories, about, topology] = await Promise.all([
      read("/api/statistics"),
      ...["questions", "states", "categories"].map((name) => read(ofDataset(`/api/${name}`))),
      dataset(),
      fetch(atlas).then((response) => response.json()),
    ]);
    const measures = measuresOf(statistics);
    const known = { measures, questions, states, categories, source: about.source };
    known.datasets = new Map(statistics.map((one) => [one.name, one.dataset]));
    known.dataset = about.name;
    known.layout = about.layout.name;
    speakOf(known.layout);
    explore = new Explore(known, readAtlas(topology));
    explore.follow();
  } catch (error) {
    noteTrouble(error);
    const again = () => window.location.reload();
    window.addEventListener("back", again);
    for (const card of document.querySelectorAll("[aria-busy]")) card.ariaBusy = "false";
    document
      .getElementById("link-message")
      .replaceChildren(error.message, element("br"), button(t("errors.again"), again));
    if (!error.kind) throw error;
  }
}

begin();
