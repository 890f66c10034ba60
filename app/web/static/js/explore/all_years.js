// The years of all states at a glance, those that changed most first.

import { loadD3 } from "../charts/d3.js";
import { thumbnails } from "../charts/small_lines.js";
import { element } from "../dom.js";
import { NATION } from "../names.js";
import { number, t } from "../texts.js";
import { directionText, placeText } from "../wording.js";
import { Card } from "./card.js";
import { changeOf } from "./changes.js";

export class AllYears extends Card {
  /** `toggle(state)` chooses a state. */
  constructor(toggle) {
    super("all-years");
    this.toggle = toggle;
  }

  /** Show the years of a model, marking the states that are chosen. */
  async show(model, states) {
    if (!model.yearly.length) return this.empty(t("years.none"));
    const d3 = await loadD3();
    const rows = Map.groupBy(model.yearly, ({ state }) => state);
    const changes = model.changes
      .map((row) => ({ ...row, change: changeOf(row) }))
      .filter(({ state, change }) => state !== NATION && change)
      .sort((a, b) => b.change.value - a.change.value);
    const draw = thumbnails(d3, model.yearly, model.comparable);
    const ofNation = inYears(rows.get(NATION) ?? []);
    const items = changes.map(({ state, change, direction }) => {
      const place = states.indexOf(state);
      const kind = place < 0 ? "series-own" : `series-${place}`;
      const told = t("all_years.change", {
        change: number(change.value, 1, true),
        years: change.years,
      });
      return element(
        "li",
        {},
        element(
          "button",
          {
            type: "button",
            class: `thumbnail${place < 0 ? "" : " chosen"}`,
            "data-state": state,
            "aria-pressed": String(place >= 0),
            click: () => this.toggle(state),
          },
          element("strong", {}, placeText(state)),
          draw(inYears(rows.get(state)), ofNation, kind),
          element("span", { class: "thumbnail-told" }, `${told}, ${directionText(direction)}`),
        ),
      );
    });
    this.settle();
    this.entitle(t("all_years.title"), t("all_years.note"));
    const focused = this.place.contains(document.activeElement)
      ? document.activeElement.dataset.state
      : null;
    this.place.replaceChildren(element("ul", { class: "thumbnails" }, ...items));
    if (focused) this.place.querySelector(`[data-state="${CSS.escape(focused)}"]`)?.focus();
  }
}

function inYears(rows) {
  return rows.toSorted((a, b) => a.year - b.year);
}
