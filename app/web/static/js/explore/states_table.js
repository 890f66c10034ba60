// The states as one table that is a chart: rank, dot with interval, difference, and what is clear of it.

import { intervalCell, scaleOf, ticksCell } from "../charts/interval.js";
import { element } from "../dom.js";
import { NATION } from "../names.js";
import { language, number, t } from "../texts.js";
import { directionText, lacksText, placeText, rangeText } from "../wording.js";
import { Card } from "./card.js";

const FEW = 15; // rows, until all are wanted
const ENDS = 5; // of each end, on a phone
const PHONE = matchMedia("(max-width: 40rem)");

export class StatesTable extends Card {
  /**
   * `toggle(state)` chooses a state, `sort(name)`, `against(place)` and `whole(is)` what the address keeps
   * of the table.
   */
  constructor({ toggle, sort, against, whole }) {
    super("states");
    this.events = { toggle, sort };
    this.against = document.getElementById("against");
    this.against.addEventListener("change", () => against(this.against.value));
    this.parts.all.addEventListener("click", () => whole(!this.shown.chosen.isWhole));
    PHONE.addEventListener("change", () => this.redraw());
  }

  /** Show a model; `compared` is what changes.js tells of differences, null where nothing is told. */
  show(model, chosen, compared) {
    this.shown = { model, chosen, compared };
    this.settle();
    this.redraw();
  }

  /** Make the table anew. */
  redraw() {
    if (!this.shown) return;
    const { model, chosen } = this.shown;
    const rows = this.#sorted();
    const lacks = lacksText(model);
    const note = [
      t(
        model.rows.some(({ low }) => Number.isFinite(low))
          ? `states.note_${model.show}`
          : "states.note_bare",
      ),
      model.national ? t("states.note_nation") : "",
      model.show === "level" ? t("states.note_verdict") : "",
      model.national && lacks ? t("tell.nation_lacks", { states: lacks }) : "",
    ];
    this.entitle(titleOf(model, chosen), note.filter(Boolean).join(" "));
    this.#offerPlaces(model, chosen);
    const { focused, wasIn } = this.#focus();
    this.place.replaceChildren(this.#table(rows));
    if (wasIn) this.place.querySelector(focused)?.focus();
    const few = PHONE.matches ? 2 * ENDS : FEW;
    this.parts.all.hidden = rows.length <= few;
    this.parts.all.textContent = t(chosen.isWhole ? "states.fewer" : "states.all", {
      n: rows.length,
    });
    this.parts.all.ariaExpanded = String(chosen.isWhole);
  }

  /** A table is made anew where focus may be: on a state, or on a head. */
  #focus() {
    const node = document.activeElement;
    const wasIn = this.place.contains(node);
    const { state, sort } = wasIn ? node.dataset : {};
    return {
      wasIn,
      focused: state ? `[data-state="${CSS.escape(state)}"]` : `[data-sort="${sort}"]`,
    };
  }

  #offerPlaces(model, { states, against }) {
    const places = model.national ? [NATION, ...states] : states;
    this.against.parentElement.hidden = model.show !== "level" || !places.length;
    this.against.replaceChildren(
      ...places.map((place) => element("option", { value: place }, placeText(place))),
    );
    this.against.value = against;
  }

  /** Return the rows in their order, each with its difference and what is clear of it. */
  #sorted() {
    const { model, chosen, compared } = this.shown;
    const rows = model.rows.map((row) => ({ ...row, ...toldOf(row, model, compared) }));
    const name = chosen.sort.replace(/^-/, "");
    if (name !== "rank") rows.sort(ORDERS[name]);
    const there = rows.filter(({ status }) => status === "value");
    const absent = rows.filter(({ status }) => status !== "value");
    return [...(chosen.sort.startsWith("-") ? there.reverse() : there), ...absent];
  }

  #table(rows) {
    const { model, chosen } = this.shown;
    const there = rows.filter(({ status }) => status === "value");
    const ends = there.flatMap(({ value, low, high }) =>
      [value, low, high].filter(Number.isFinite),
    );
    const scale = scaleOf(ends.length ? ends : [0, 1]);
    const body = [];
    let hidden = 0;
    rows.forEach((row, place) => {
      if (!this.#isShown(row, place, there.length)) hidden += 1;
      else {
        if (hidden) body.push(gap(hidden));
        hidden = 0;
        body.push(this.#row(row, scale));
      }
    });
    if (hidden) body.push(gap(hidden));
    const isLevel = model.show === "level";
    const place = placeText(chosen.against);
    return element(
      "table",
      { class: "states" },
      element("caption", { class: "unseen" }, titleOf(model, chosen)),
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          this.#head("rank", t("states.rank"), "number rank-column"),
          this.#head("state", t("states.state")),
          element(
            "th",
            { scope: "col", class: "chart-column" },
            element("span", { class: "unseen" }, t("states.interval")),
            ticksCell(scale),
          ),
          this.#head("value", t(`states.value_${model.show}`), "number value-column"),
          this.#head(
            "difference",
            isLevel ? t("states.difference", { place }) : t("states.change"),
            "number wide",
          ),
          element(
            "th",
            { scope: "col", class: "verdict-column" },
            element(
              "span",
              { class: "verdict-head" },
              isLevel ? t("states.verdict", { place }) : t("states.direction"),
            ),
          ),
        ),
      ),
      element("tbody", {}, ...body),
    );
  }

  #head(name, text, kind = "") {
    const { sort } = this.shown.chosen;
    const is = sort.replace(/^-/, "") === name;
    const isDown = sort.startsWith("-");
    const next = is && !isDown ? `-${name}` : name;
    return element(
      "th",
      { scope: "col", class: kind, "aria-sort": is ? (isDown ? "descending" : "ascending") : null },
      element(
        "button",
        { type: "button", class: "sort", "data-sort": name, click: () => this.events.sort(next) },
        text,
        element(
          "span",
          { class: "sort-sign", "aria-hidden": "true" },
          is ? (isDown ? "▼" : "▲") : "",
        ),
      ),
    );
  }

  #isShown(row, place, count) {
    const { isWhole, states } = this.shown.chosen;
    if (isWhole || states.includes(row.state)) return true;
    if (!PHONE.matches) return place < FEW;
    return place < ENDS || (place >= count - ENDS && place < count);
  }

  #row(row, scale) {
    const { model, chosen } = this.shown;
    const is = row.status === "value";
    const place = chosen.states.indexOf(row.state);
    const line = model.national ? model.national.value : null;
    const name = element(
      "button",
      {
        type: "button",
        class: "name",
        "data-state": row.state,
        "aria-pressed": String(place >= 0),
        click: () => this.events.toggle(row.state),
      },
      placeText(row.state),
    );
    const decimals = model.unit === "points" ? 2 : 1;
    const cells = is
      ? [
          element("td", { class: "chart-column" }, intervalCell(row, scale, line)),
          element(
            "td",
            { class: "number" },
            number(row.value, decimals, model.unit === "points"),
            rangeText(row, model.unit) &&
              element("span", { class: "range-text" }, ` (${rangeText(row, model.unit)})`),
          ),
          element("td", { class: "number wide" }, row.differenceText),
          element("td", { class: "verdict" }, verdictOf(row)),
        ]
      : [element("td", { colspan: columns() - 2, class: "absent" }, t(`status.${row.status}`))];
    return element(
      "tr",
      { class: place >= 0 ? `chosen series-${place}` : null },
      element("td", { class: "number" }, rankText(row)),
      element("th", { scope: "row" }, name),
      ...cells,
    );
  }
}

const ORDERS = {
  state: (a, b) => placeText(a.state).localeCompare(placeText(b.state), language),
  value: (a, b) => a.value - b.value,
  difference: (a, b) => (a.difference ?? Infinity) - (b.difference ?? Infinity),
};

function titleOf({ lowerIsBetter }, { sort }) {
  if (sort !== "rank") return t("states.title_sorted");
  return t(lowerIsBetter === null ? "states.title_plain" : "states.title");
}

/** Return what a row tells beside its number: {difference, differenceText, verdict, sense, sign}. */
function toldOf(row, model, compared) {
  if (row.status !== "value") return {};
  if (model.show === "change") {
    const sign = { rising: 1, falling: -1 }[row.direction] ?? 0;
    return {
      difference: row.change?.value ?? null,
      differenceText: row.change ? number(row.change.value, 1, true) : "",
      verdict: directionText(row.direction),
      sense: senseOf(sign, model),
      sign,
    };
  }
  const found = compared?.differences.get(row.state);
  if (!found) return { difference: null, differenceText: "" };
  const sign = { higher: 1, lower: -1 }[found.verdict] ?? 0;
  return {
    difference: found.value,
    differenceText: found.value === null ? "" : number(found.value, 1, true),
    verdict: t(`verdict.${found.verdict.replaceAll(" ", "_")}`),
    sense: senseOf(sign, model),
    sign,
  };
}

/** Return whether more, or less, is good, bad or neither. */
function senseOf(sign, { lowerIsBetter }) {
  if (!sign || lowerIsBetter === null) return "neither";
  return sign < 0 === lowerIsBetter ? "better" : "worse";
}

function verdictOf({ verdict, sense, sign }) {
  if (!verdict) return "";
  const arrow = sign > 0 ? "▲" : sign < 0 ? "▼" : "–";
  return element(
    "span",
    { class: `sense-${sense}` },
    element("span", { "aria-hidden": "true" }, `${arrow} `),
    element("span", { class: "verdict-text" }, verdict),
  );
}

function rankText({ rank, rankLow, rankHigh }) {
  if (!rank) return "";
  const range = Number.isFinite(rankLow) && rankLow !== rankHigh ? `${rankLow}–${rankHigh}` : null;
  return element(
    "span",
    {},
    String(rank),
    range && element("span", { class: "range-text", title: t("states.plausible") }, ` (${range})`),
  );
}

/** Return the number of columns: a phone has no room for that of differences. */
function columns() {
  return PHONE.matches ? 5 : 6;
}

function gap(count) {
  return element(
    "tr",
    { class: "gap" },
    element("td", { colspan: columns() }, t("states.gap", { n: count })),
  );
}
