// The card of the chosen state: its number, large, and what is behind it.

import { element, facts } from "./dom.js";
import { behind, rangeText, valueText } from "./telling.js";
import { t } from "./texts.js";

const title = document.getElementById("chosen-title");
const body = document.getElementById("chosen-body");

/** Show a state of a model, or the nation where none is chosen. */
export function showChosen(state, model) {
  const row = state ? (model.rows.find((one) => one.state === state) ?? missing(state)) : null;
  title.textContent = state || t("chosen.none_title");
  body.replaceChildren();
  if (row?.status === "value") body.append(figure(row, model));
  const told = row ? behind(row, model).filter(([term]) => term !== t("tell.interval")) : [];
  body.append(facts([...told, ...nation(model)]));
  if (!row) body.append(element("p", { class: "message" }, t("chosen.none")));
}

/** Show no number: that of the question before is not this one's. */
export function clearChosen(state) {
  title.textContent = state || t("chosen.none_title");
  body.replaceChildren();
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

function nation({ national, unit }) {
  return national ? [[t("names.nation"), valueText(national.value, unit)]] : [];
}
