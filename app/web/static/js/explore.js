// Explore: from what is chosen to what the page shows of it.

import { ApiError, datasetName, ofDataset, read } from "./api.js";
import { noteTrouble } from "./connection.js";
import { button, element } from "./dom.js";
import { addressOf, asksMeans, readAddress, writeAddress } from "./explore/address.js";
import { AllYears } from "./explore/all_years.js";
import { Answers } from "./explore/answers.js";
import { loadChanges, loadDifferences } from "./explore/changes.js";
import { Choices } from "./explore/choices.js";
import { GroupsTable } from "./explore/groups_table.js";
import { loadGroups, loadLevels, yearsTaken } from "./explore/levels.js";
import { MapView } from "./explore/map_view.js";
import { PairView, loadPair } from "./explore/pair.js";
import { StatesTable } from "./explore/states_table.js";
import { TakeAway } from "./explore/take_away.js";
import { Told } from "./explore/told.js";
import { YearsView } from "./explore/years_view.js";
import { dataset, start, strangeDataset, tellDataset } from "./frame.js";
import { missing } from "./likeness.js";
import { NATION } from "./names.js";
import { speakOf, t } from "./texts.js";
import { hideTip, showTip } from "./tip.js";
import { behind, placeText, sentenceOf, valueText } from "./wording.js";

const OVERVIEW = ["map", "years", "states", "groups"];

class Explore {
  constructor(known) {
    this.known = known;
    // What the page is of, where the statistic would ask another dataset.
    const asks = (statistic) =>
      known.datasets.get(statistic) === known.about.name ? null : known.about.name;
    this.answers = new Answers(known.about.sha256, asks);
    this.choices = new Choices(document.getElementById("choices"), known, (control) =>
      this.changed(control),
    );
    const set = (control, more) => {
      this.choices.set(more);
      this.changed(control);
    };
    const toggle = (state) => this.choices.states.toggle(state);
    const leave = hideTip;
    const point = (datum, node) => this.#point(datum, node);
    this.views = {
      map: new MapView(known, { leave, point, choose: ({ state }) => toggle(state) }, (show) =>
        set("show", { show }),
      ),
      years: new YearsView(known, {
        leave,
        point: (datum, node) => showTip(node, datum.told, "", []),
      }),
      states: new StatesTable({
        toggle,
        sort: (sort) => set("sort", { sort: sort === "rank" ? "" : sort }),
        against: (against) => set("against", { against }),
        whole: (is) => set("rows", { rows: is ? "all" : "" }),
      }),
      groups: new GroupsTable(),
      "all-years": new AllYears(toggle),
      pair: new PairView(
        known,
        {
          leave,
          point: (datum, node) => showTip(node, datum.told, "", []),
          choose: ({ state }) => toggle(state),
        },
        (other) => set("other", { other }),
      ),
    };
    for (const name of ["all-years", "pair"]) this.views[name].settle(); // hidden, until they are wanted
    this.take = new TakeAway((other) => addressOf({ ...this.shown.link, ...other }));
    this.told = new Told(known);
    this.again = button(t("errors.again"), () => this.changed());
    // {chosen, link, model, compared}: what is shown, its address, and differences, by place.
    this.shown = null;
    this.more = { groups: null, pair: null }; // answers beside those of the model
    document.querySelector('[data-tab="pair"]').hidden = known.questions.length < 2;
    for (const tab of document.querySelectorAll("[data-tab]")) {
      tab.addEventListener("click", (event) => {
        event.preventDefault();
        set("view", { view: tab.dataset.tab });
      });
    }
    for (const fold of document.querySelectorAll(".folds")) {
      fold.addEventListener("click", () => {
        const isOpen = fold.closest("[data-fold]").classList.toggle("open");
        fold.ariaExpanded = String(isOpen);
        fold.textContent = t(isOpen ? "explore.fold" : "explore.unfold");
      });
    }
    window.addEventListener("popstate", () => this.follow());
    window.addEventListener("back", () => this.changed());
    this.#followWidth();
  }

  /** Show what the address says. */
  follow() {
    const wrong = this.choices.put(readAddress());
    const told = wrong.flatMap(({ choice, value, nearest }) => [
      ...missing(choice, value, nearest, (meant) => this.#hrefOf(choice, meant)),
      " ",
    ]);
    document.getElementById("link-message").replaceChildren(...told);
    return this.changed();
  }

  /** Return the address of what is chosen, with another value of a choice. */
  #hrefOf(choice, value) {
    const { link } = this.choices;
    const states = [link.states, value].filter(Boolean).join(",");
    return addressOf(choice === "state" ? { ...link, states } : { ...link, [choice]: value });
  }

  /** Show what is chosen now; `control` names what was changed by hand, if anything was. */
  async changed(control = "") {
    const { chosen } = this.choices;
    speakOf(this.known.about.layout.name, chosen.about);
    if (control) document.getElementById("link-message").textContent = "";
    writeAddress(this.choices.link, control);
    this.abort?.abort();
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.#tabs(chosen.view);
    try {
      if (!this.shown || subjectOf(this.shown.chosen) !== subjectOf(chosen)) {
        const model = await this.#load(chosen, signal);
        this.shown = { chosen, link: this.choices.link, model, compared: new Map() };
        this.told.say("");
        await Promise.all([this.#draw(model), this.#beside(chosen, signal)]);
      } else {
        if (chosen.states[0] !== this.shown.chosen.states[0]) this.told.say("");
        Object.assign(this.shown, { chosen, link: this.choices.link });
        // Another answer may have been on its way.
        for (const name of ["map", "years"]) this.views[name].settle();
        this.views.map.choose(chosen.states);
        const years = this.views.years.show(this.shown.model, chosen.states);
        await Promise.all([years, this.#beside(chosen, signal)]);
      }
    } catch (error) {
      if (!signal.aborted) await this.#fail(error, chosen);
    }
  }

  async #load(chosen, signal) {
    for (const name of OVERVIEW) this.views[name].busy();
    this.take.busy();
    this.told.busy();
    if (!this.shown) this.told.headline(chosen);
    const load = chosen.show === "change" ? loadChanges : loadLevels;
    const model = await load(this.answers, chosen, signal);
    signal.throwIfAborted();
    if (model.rows.some((row) => row.status === "value")) return model;
    throw new ApiError("refused", t("errors.nothing"));
  }

  /** Show what is of all states, whichever are chosen. */
  async #draw(model) {
    document.getElementById("views").hidden = false;
    this.told.cautions(model.warnings);
    await this.views.map.show(model, this.shown.chosen.states, this.choices.hasYears);
    await this.views.years.show(model, this.shown.chosen.states);
  }

  /** Show what is of the states that are chosen, and the view that is open. */
  async #beside(chosen, signal) {
    const { model } = this.shown;
    this.told.busy();
    this.told.headline(chosen, model);
    this.told.figure(chosen.states[0], model);
    this.choices.tell(model, this.told.title);
    const compared = this.#compare(chosen, signal);
    const parts = [compared, this.#say(chosen, compared, signal), this.#groups(chosen, signal)];
    if (chosen.view === "years") parts.push(this.views["all-years"].show(model, chosen.states));
    if (chosen.view === "pair") parts.push(this.#pair(chosen, signal));
    await Promise.all(parts);
  }

  /** Show the table, and return what is clear of the place that all states are held against. */
  async #compare(chosen, signal) {
    const { model, compared } = this.shown;
    const { against } = chosen;
    if (!compared.has(against)) {
      // What is chosen shows at once; a first table is made once, with its differences.
      if (this.views.states.shown) this.views.states.show(model, chosen, null);
      this.views.states.busy();
      compared.set(against, await loadDifferences(this.answers, chosen, model, against, signal));
    }
    if (!signal.aborted) this.views.states.show(model, chosen, compared.get(against));
    return compared.get(against);
  }

  async #groups(chosen, signal) {
    const [state] = chosen.states;
    const { model } = this.shown;
    const view = this.views.groups;
    const hasNation = this.known.states.some(({ kind }) => kind === "nation");
    const places = [state, hasNation && NATION].filter(Boolean);
    let found = null;
    view.busy();
    try {
      if (places.length) found = await loadGroups(this.answers, chosen, model, places, signal);
      if (!signal.aborted) view.show(found, state ?? "");
    } catch (error) {
      this.#failIn(view, error, signal);
    }
    if (signal.aborted) return;
    this.more.groups = found && { ...found.take, chart: state ? "dot" : null };
    this.#offer(chosen, model);
  }

  /** Say in a view alone why it has nothing to show. */
  #failIn(view, error, signal) {
    if (signal.aborted) return;
    if (noteTrouble(error)) view.empty(t("errors.later"));
    else view.fail(error, () => this.changed());
    if (!error.kind) throw error; // a fault of the page, for the console
  }

  /** Offer the answers behind what is shown to be taken away. */
  #offer(chosen, model) {
    const pair = chosen.view === "pair" ? this.more.pair : null;
    const takes = { ...(pair && { pair: pair.take }), ...model.takes };
    const years = (states) => yearsTaken(this.answers, chosen, states);
    if (model.yearly.length) takes.years = years([...chosen.states, NATION]);
    if (this.more.groups) takes.groups = this.more.groups;
    if (model.yearly.length) {
      const all = this.known.states.map(({ name }) => name);
      takes.all = { ...years(all), chart: null };
    }
    const title = pair ? this.views.pair.title.textContent : this.told.title;
    const year = pair ? pair.about.years : String(model.year ?? "");
    // Without its pair, what there is to take away is of the overview.
    const view = chosen.view === "pair" && !pair ? "" : this.shown.link.view;
    const more = { view, other: pair?.other ?? "" };
    this.take.show(title, takes, this.known.about.source, more, year);
  }

  async #pair(chosen, signal) {
    const view = this.views.pair;
    this.more.pair = null; // of what was chosen before
    view.busy();
    try {
      const found = await loadPair(this.answers, chosen, this.known.questions, signal);
      if (signal.aborted) return;
      this.more.pair = found;
      await view.show(found, chosen);
      this.#offer(chosen, this.shown.model);
    } catch (error) {
      this.#failIn(view, error, signal);
    }
  }

  /** Tell the answer in a sentence: of the first state that is chosen, or of the nation among all. */
  async #say({ states, against }, comparing, signal) {
    const { model } = this.shown;
    const [state] = states;
    let said = model.answer;
    const compared = await comparing;
    if (state) {
      try {
        said = sentenceOf((await this.answers.ask(...model.ofState(state), signal)).data.about);
      } catch (error) {
        if (signal.aborted) return;
        noteTrouble(error);
        if (!error.kind) throw error;
      }
    } else if (compared) said = sentenceOf(compared.take.data.about);
    if (signal.aborted) return;
    this.told.settle();
    this.told.say(said.text, said.lang);
    if (compared && state && against === state) this.told.verdicts(state, compared.verdicts);
  }

  /** Say once why what is chosen cannot be shown. What was shown before stays, and is named. */
  async #fail(error, chosen) {
    const isTold = noteTrouble(error); // above the page
    const told = isTold ? [] : [error.message];
    this.told.settle();
    if (this.shown && error.kind !== "refused") {
      const { model } = this.shown;
      const { states, view } = chosen;
      const before = { ...this.shown.chosen, states, view };
      const link = this.choices.link;
      const kept = { states: link.states, view: link.view };
      Object.assign(this.shown, { chosen: before, link: { ...this.shown.link, ...kept } });
      this.more.pair = null; // it would be of another question
      speakOf(this.known.about.layout.name, before.about);
      for (const name of OVERVIEW) this.views[name].settle();
      this.told.headline(before, model);
      this.told.figure(states[0], model);
      this.choices.tell(model, this.told.title);
      this.views.map.choose(before.states);
      this.views.states.show(model, before, null);
      await this.views.years.show(model, before.states);
      if (view === "years") await this.views["all-years"].show(model, before.states);
      if (view === "pair") this.views.pair.empty(t("errors.later"));
      this.#offer(before, model);
      told.push(t("errors.kept", { what: this.told.title }));
    } else {
      this.shown = null;
      document.getElementById("views").hidden = true;
      for (const name of OVERVIEW) this.views[name].settle();
      this.take.settle();
      this.told.headline(chosen);
      this.told.clear();
      document.getElementById("fold-text").textContent = this.told.title;
      if (error.kind === "refused") told.push(t("errors.choose_else"));
    }
    this.told.fail(told.join(" "), isTold || error.kind === "refused" ? null : this.again);
    if (!error.kind) throw error; // a fault of the page, for the console
  }

  #point({ state }, node) {
    const { model } = this.shown;
    const row = model.rows.find((one) => one.state === state) ?? { state, status: "missing" };
    const is = row.status === "value";
    const told = is ? valueText(row.value, model.unit) : t(`status.${row.status}`);
    showTip(node, placeText(state), told, behind(row, model));
  }

  #tabs(view) {
    for (const tab of document.querySelectorAll("[data-tab]")) {
      const is = tab.dataset.tab === view;
      tab.ariaCurrent = is ? "true" : null;
      tab.href = addressOf({
        ...this.choices.link,
        view: tab.dataset.tab === "overview" ? "" : tab.dataset.tab,
      });
    }
    document.getElementById("overview").hidden = view !== "overview";
    document.getElementById("all-years").hidden = view !== "years";
    document.getElementById("pair").hidden = view !== "pair";
  }

  #followWidth() {
    let width = window.innerWidth;
    let soon = 0;
    window.addEventListener("resize", () => {
      if (window.innerWidth === width) return; // a phone's address bar comes and goes
      width = window.innerWidth;
      clearTimeout(soon);
      soon = setTimeout(() => this.#redraw(), 150);
    });
  }

  #redraw() {
    hideTip();
    for (const name of ["map", "years", "pair"]) this.views[name].redraw();
  }
}

function subjectOf({ question, show, group, year }) {
  return JSON.stringify([question, show, group, year]);
}

/** Go to the course's means where an address of version 1 asks for them. */
function goToMeans(question) {
  const address = new URL(`${document.body.dataset.root}/ask`, window.location);
  if (datasetName()) address.searchParams.set("dataset", datasetName());
  address.searchParams.set("statistic", "diff_from_mean");
  if (question) address.searchParams.set("parameters", JSON.stringify({ question }));
  window.location.replace(address);
}

/** Return the outlines of the states and who lies beside them: a Map of names to {path, letters, neighbours}. */
async function readShapes() {
  const response = await fetch(`${document.body.dataset.assets}/states.json`);
  return new Map(Object.entries(await response.json()));
}

/** Offer this page of the other datasets that the server has. */
async function offerOthers(own) {
  const others = (await read("/api/datasets")).map(({ name }) => name).filter((name) => name !== own);
  const links = others.map((name) =>
    element("a", { href: `?${new URLSearchParams({ dataset: name })}` }, name),
  );
  const box = document.getElementById("others");
  box.lastElementChild.replaceChildren(...links.flatMap((link, i) => (i ? [", ", link] : [link])));
  box.hidden = !links.length;
}

async function begin() {
  const means = asksMeans();
  if (means !== null) return goToMeans(means);
  start(undefined, { tells: false });
  try {
    const shapes = readShapes();
    const [statistics, questions, states, categories, about] = await Promise.all([
      read("/api/statistics"),
      ...["questions", "states", "categories"].map((name) => read(ofDataset(`/api/${name}`))),
      dataset(),
    ]);
    tellDataset(about);
    speakOf(about.layout.name);
    const datasets = new Map(statistics.map((one) => [one.name, one.dataset]));
    const explore = new Explore({ questions, states, categories, about, datasets, shapes });
    await explore.follow();
    offerOthers(about.name).catch(noteTrouble);
  } catch (error) {
    const again = () => window.location.reload();
    window.addEventListener("back", again);
    for (const card of document.querySelectorAll("[aria-busy]")) card.ariaBusy = "false";
    document.getElementById("views").hidden = true;
    tellDataset(null);
    const message = document.getElementById("link-message");
    const strange = await strangeDataset(error);
    if (strange) message.replaceChildren(...strange);
    else if (!noteTrouble(error))
      message.replaceChildren(error.message, element("br"), button(t("errors.again"), again));
    if (!error.kind) throw error;
  }
}

begin();
