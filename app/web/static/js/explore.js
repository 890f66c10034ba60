// Explore: from what is chosen to what the views show.

import { ApiError, ofDataset, read } from "./api.js";
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
import { behind, sentenceOf, valueText, whoText } from "./wording.js";
import { called, language, speakOf, t } from "./texts.js";
import { hideTip, showTip } from "./tip.js";
import { View } from "./views.js";

const ABOUT_STATES = ["map", "ranking", "difference"];

class Explore {
  /** `shapes` is a promise of the map's. */
  constructor(known, shapes) {
    this.known = known;
    this.shapes = shapes;
    // What the page is of, where the statistic would ask another dataset.
    const asks = (statistic) =>
      known.datasets.get(statistic) === known.dataset ? null : known.dataset;
    this.answers = new Answers(known.digest, asks);
    const changed = (control) => this.changed(control);
    this.choices = new Choices(document.getElementById("choices"), known, changed);
    this.card = new ChosenState();
    this.answer = document.getElementById("answer");
    this.place = document.getElementById("views");
    this.again = button(t("errors.again"), () => this.changed());
    this.subject = this.shown = null; // {chosen, model}: what the views show, or are about to
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
    const link = (view) => linkTo(this.choices.link, view);
    this.views = Object.fromEntries([
      ...ABOUT_STATES.map((name) => [name, new View(name, events, link)]),
      ["strata", new View("strata", others, link)],
    ]);
    window.addEventListener("popstate", () => this.follow());
    window.addEventListener("back", () => this.changed());
    this.#followWidth();
  }

  /** Show what the address says. */
  follow() {
    const wrong = this.choices.put(readLink());
    const told = wrong.flatMap(({ choice, value, nearest }) => [
      t(`errors.no_${choice}`, { value }),
      ...(nearest ? [" ", this.#suggestion(choice, nearest)] : []),
      " ",
    ]);
    document.getElementById("link-message").replaceChildren(...told);
    this.changed();
  }

  /** Return the link that was perhaps meant; `nearest` is [value, text]. */
  #suggestion(choice, [value, text]) {
    const href = linkTo({ ...this.choices.link, [choice]: value });
    return element("a", { href }, t("errors.nearest", { name: text }));
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
    try {
      if (this.subject === subjectOf(chosen)) {
        this.#each((view) => view.settle()); // another answer may have been on its way
        this.#frame(chosen);
        for (const name of ABOUT_STATES) this.views[name].choose(chosen.state);
        await Promise.all([this.#say(chosen, signal), this.#showStrata(chosen, signal)]);
      } else {
        const model = await this.#load(chosen, signal);
        this.shown = { chosen, model };
        await Promise.all([this.#say(chosen, signal), this.#draw(chosen, signal)]);
      }
    } catch (error) {
      if (!signal.aborted) await this.#fail(error, chosen, signal);
    }
  }

  /** Draw everything anew. */
  redraw() {
    hideTip();
    this.#each((view) => view.redraw());
  }

  async #load(chosen, signal) {
    this.#each((view) => view.busy());
    this.card.busy();
    this.#headline(chosen);
    this.#tell("");
    const model = await this.known.measures[chosen.statistic].load(this.answers, chosen, signal);
    signal.throwIfAborted();
    if (model.rows.some((row) => row.status === "value")) return model;
    throw new ApiError("refused", t("errors.nothing"));
  }

  /** Have all views show what was loaded. */
  async #draw(chosen, signal) {
    const { model } = this.shown;
    this.subject = null; // what all views show: none, until they are whole
    this.place.hidden = false;
    this.#frame(chosen);
    this.contents ??= new Contents(this.known, await this.shapes, () => this.choices.chosen.state);
    for (const name of ABOUT_STATES) {
      const content = this.contents.ofStates(name, chosen, model);
      if (content.rows.length) await this.views[name].show(content);
      else this.views[name].empty(t("errors.no_nation")); // only differences need it
      signal.throwIfAborted();
    }
    this.subject = subjectOf(chosen);
    await this.#showStrata(chosen, signal);
  }

  /** Show what stands around the views. */
  #frame(chosen) {
    const { model } = this.shown;
    this.shown = { chosen, model };
    this.#headline(chosen, model);
    this.#cautions(model.warnings);
    const group = chosen.group && called("strata", chosen.group);
    this.card.show(chosen.state, model, [model.years, group].filter(Boolean).join(", "));
  }

  async #showStrata(chosen, signal) {
    const { model } = this.shown;
    const view = this.views.strata;
    this.groups = null;
    view.entitle(titleOf("strata", model));
    if (!chosen.state) {
      view.empty(t(model.yearly ? "chosen.none_years" : "chosen.none_strata"));
    } else if (model.yearly) {
      await view.show(this.contents.ofYears(chosen, model));
    } else {
      view.busy();
      try {
        const found = await loadStrata(this.answers, chosen, model, signal);
        signal.throwIfAborted();
        await this.#showGroups(found, chosen, model);
      } catch (error) {
        if (signal.aborted) return;
        if (noteTrouble(error)) view.empty(t("errors.later"));
        else view.fail(error, () => this.changed());
        if (!error.kind) throw error; // a fault of the page, for the console
      }
    }
  }

  async #showGroups(found, chosen, model) {
    const view = this.views.strata;
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

  /** Tell the answer in a sentence: of the state that is chosen, or of all. */
  async #say({ state }, signal) {
    const { answer, ofState } = this.shown.model;
    let said = answer;
    if (state) {
      try {
        said = sentenceOf((await this.answers.ask(...ofState(state), signal)).data.about);
      } catch (error) {
        if (signal.aborted) return;
        noteTrouble(error);
        if (!error.kind) throw error;
      }
    }
    if (!signal.aborted) this.#tell(said.text, said.lang);
  }

  /** Say once why what is chosen cannot be shown. What was shown before stays, and is named. */
  async #fail(error, chosen, signal) {
    const isTold = noteTrouble(error); // above the page
    const told = isTold ? [] : [error.message];
    if (this.shown && error.kind !== "refused") {
      const before = this.shown.chosen;
      speakOf(this.known.layout, before.about);
      const shown = { ...before, state: chosen.state };
      const isWhole = this.subject !== null && shown.state === before.state;
      this.#each((view) => view.settle());
      if (isWhole) this.#frame(shown);
      else await this.#draw(shown, signal);
      told.push(t("errors.kept", { what: document.getElementById("headline").textContent }));
    } else {
      this.subject = this.shown = null;
      this.place.hidden = true;
      this.#each((view) => view.empty(""));
      this.#cautions([]);
      if (error.kind === "refused") told.push(t("errors.choose_else"));
    }
    this.#tell(told.join(" "), language, isTold || error.kind === "refused" ? null : this.again);
    this.answer.classList.add("error");
    if (!error.kind) throw error; // a fault of the page, for the console
  }

  #tell(text, lang = language, more = null) {
    this.answer.lang = lang;
    this.answer.classList.remove("error");
    this.answer.replaceChildren(...[text, more].filter(Boolean));
  }

  #point({ state }, node) {
    const { model } = this.shown;
    const found = model.rows.find((one) => one.state === state);
    this.#tip(node, state, found ?? { state, status: "missing" }, model);
  }

  #pointGroup(datum, node) {
    const row = this.groups?.find(
      (one) => one.category === datum.category && one.stratum === datum.stratum,
    );
    const model = { ...this.shown.model, unit: "percent" };
    if (row) this.#tip(node, called("strata", row.stratum), row, model);
    else showTip(node, datum.told, "", []);
  }

  #tip(node, name, row, model) {
    const is = row.status === "value";
    const told = is ? valueText(row.value, model.unit) : t(`status.${row.status}`);
    showTip(node, name, told, behind(row, model));
  }

  /** Name all that is shown: the question, the group, the state; the years are those of a model. */
  #headline({ about, group, state, statistic }, model = null) {
    const name = shortName(about, this.known.questions);
    const who = whoText(group, this.known.categories);
    const named = `${name}${who}${state && `: ${state}`}`;
    const title = model ? `${named}, ${model.years}` : named;
    document.getElementById("headline").textContent = title;
    document.getElementById("question-text").textContent = about.text;
    document.getElementById("statistic-about").textContent = t(`statistics.${statistic}.about`);
    document.title = `${title} · Le Stats Sportif`;
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

function subjectOf({ question, statistic, group, year }) {
  return JSON.stringify([question, statistic, group, year]);
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
    const known = { measures, questions, states, categories };
    known.datasets = new Map(statistics.map((one) => [one.name, one.dataset]));
    known.dataset = about.name;
    known.digest = about.sha256;
    known.layout = about.layout.name;
    speakOf(known.layout);
    explore = new Explore(known, readAtlas(topology));
    explore.follow();
  } catch (error) {
    const again = () => window.location.reload();
    window.addEventListener("back", again);
    for (const card of document.querySelectorAll("[aria-busy]")) card.ariaBusy = "false";
    document.getElementById("views").hidden = true;
    if (!noteTrouble(error))
      document
        .getElementById("link-message")
        .replaceChildren(error.message, element("br"), button(t("errors.again"), again));
    if (!error.kind) throw error;
  }
}

begin();
