// The card of the chosen state: its number, large, and what is behind it.

import { element, facts } from "./dom.js";
import { behind, lacksText, rangeText, valueText } from "./wording.js";
import { t } from "./texts.js";

export class ChosenState {
  constructor() {
    this.card = document.getElementById("chosen");
    this.title = document.getElementById("chosen-title");
    this.note = document.getElementById("chosen-note");
    this.body = document.getElementById("chosen-body");
  }

  /** Show that another number is on its way. */
  busy() {
    this.card.setAttribute("aria-busy", "true");
  }

  /** Show a state of a model, or the nation where none is chosen; `note` tells of when and whom. */
  show(state, model, note) {
    this.clear(state);
    this.note.textContent = note;
    const row = state ? (model.rows.find((one) => one.state === state) ?? missing(state)) : null;
    if (row?.status === "value") this.body.append(figure(row, model));
    // The interval stands beside the number already.
    const told = row ? behind(row, model).filter(([term]) => term !== t("tell.interval")) : [];
    this.body.append(facts([...told, ...nation(model)]));
    if (!row) this.body.append(element("p", { class: "message" }, t("chosen.none")));
  }

  /** Show no number. */
  clear(state) {
    this.card.setAttribute("aria-busy", "false");
    this.title.textContent = state || t("chosen.none_title");
    this.note.textContent = "";
    this.body.replaceChildren();
  }
}

function missing(state) {
  return { state, status: "missing", value: null };
}

function figure(row, model) {
  const range = rangeText(row, model.unit);
  return element(
    "p",
    { class: "figure" },
    element("span", { class: "figure-value" }, valueText(row.value, model.unit)),
    range && element("span", { class: "figure-range" }, t("chosen.range", { range })),
  );
}

function nation(model) {
  const { national, overall, unit } = model;
  if (Number.isFinite(overall)) return [[t("tell.overall"), valueText(overall, unit)]];
  if (!national) return [];
  const states = lacksText(model);
  const without = states ? [[t("tell.nation_without"), states]] : [];
  return [[t("names.nation"), valueText(national.value, unit)], ...without];
}
