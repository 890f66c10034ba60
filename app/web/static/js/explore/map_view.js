// The map of the states, by level or by change.

import { classesOf, classOf } from "../charts/classes.js";
import { BOXES, drawMap, markMap } from "../charts/map.js";
import { element } from "../dom.js";
import { Marks } from "../marks.js";
import { NATION } from "../names.js";
import { number, t } from "../texts.js";
import { sentence } from "../wording.js";
import { Card } from "./card.js";

const ABSENT = ["withheld", "unreleased", "missing"];

export class MapView extends Card {
  /** `events` are those of Marks; `show(name)` is called when the other of level and change is wanted. */
  constructor(known, events, show) {
    super("map");
    this.known = known;
    this.marks = new Marks(this.place, events);
    this.shows = [...this.card.querySelectorAll("[data-show]")];
    for (const button of this.shows)
      button.addEventListener("click", () => show(button.dataset.show));
  }

  /** Show a model, and which states are chosen. */
  async show(model, chosen, hasYears) {
    this.shown = { model, chosen };
    for (const button of this.shows) {
      button.ariaPressed = String(button.dataset.show === model.show);
      button.disabled = !hasYears;
    }
    this.outlines = await this.known.shapes;
    const classes = await this.#draw(model);
    this.settle();
    this.entitle(t(`map.title_${model.show}`, { years: model.years }), t(`map.note_${model.show}`));
    this.parts.key.replaceChildren(...this.#key(model, classes));
    this.choose(this.shown.chosen); // perhaps another since
  }

  /** Mark the states that are chosen. */
  choose(chosen) {
    if (this.shown) this.shown.chosen = chosen;
    this.marks.mark(({ state }) => chosen.includes(state));
    markMap(this.place, chosen);
  }

  /** Draw for another width. */
  async redraw() {
    if (!this.shown || !this.outlines) return;
    await this.#draw(this.shown.model);
    this.choose(this.shown.chosen);
  }

  /** The places on the map, whether the dataset has them or not. */
  get #places() {
    return [...new Set([...this.outlines.keys(), ...BOXES])];
  }

  /** Draw a model, and return the classes that states are coloured by. */
  async #draw(model) {
    const classes = classesOf(rangeOf(model), model.show === "change", model.lowerIsBetter);
    const rows = new Map(model.rows.map((row) => [row.state, row]));
    const abbreviations = new Map(this.known.states.map((one) => [one.name, one.abbreviation]));
    const areas = this.#places.map((state) => {
      const row = rows.get(state) ?? { state, status: "missing", value: null };
      const told = sentence(row, model);
      return {
        state,
        status: row.status,
        value: row.value,
        told,
        abbreviation: abbreviations.get(state) ?? "",
      };
    });
    const hadFocus = this.place.contains(document.activeElement);
    await drawMap(this.place, areas, classes, this.outlines);
    this.marks.take(({ state }) => this.shown.chosen.includes(state));
    if (hadFocus) this.marks.focus();
    return classes;
  }

  /** Return what stands for what, of the classes that occur. */
  #key(model, classes) {
    const found = model.rows.filter(({ status }) => status === "value");
    const occur = new Set(found.map(({ value }) => classOf(value, classes)));
    const decimals = Math.max(
      ...classes.edges.map((edge) => (String(edge).split(".")[1] ?? "").length),
    );
    const isChange = model.show === "change";
    const told = (edge) => number(edge, decimals, isChange);
    const swatches = classes.colours.flatMap((colour, place) => {
      if (!occur.has(place)) return [];
      const range = t("tell.range", {
        low: told(classes.edges[place]),
        high: told(classes.edges[place + 1]),
      });
      return [element("li", {}, swatch(`var(--${colour})`), range)];
    });
    const there = new Set(model.rows.map(({ state }) => state));
    const statuses = new Set(model.rows.map(({ status }) => status));
    if (this.#places.some((state) => !there.has(state))) statuses.add("missing");
    const absent = ABSENT.filter((status) => statuses.has(status)).map((status) =>
      element("li", {}, element("i", { class: `swatch fill-${status}` }), t(`status.${status}`)),
    );
    return [
      element("li", { class: "key-unit" }, t(`map.legend_${model.unit}`)),
      ...swatches,
      ...absent,
    ];
  }
}

/** Return what stands for a colour in the key. */
function swatch(colour) {
  const made = element("i", { class: "swatch" });
  made.style.background = colour;
  return made;
}

/** Return the values that classes are made of: of all years, so that a colour is the same in each. */
function rangeOf(model) {
  const values = model.rows.filter(({ status }) => status === "value").map(({ value }) => value);
  if (model.show === "change") return values;
  const others = model.yearly.filter(({ state, value }) => state !== NATION && value !== null);
  return [...values, ...others.map(({ value }) => value)];
}
