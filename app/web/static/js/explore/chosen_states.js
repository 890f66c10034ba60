// The states that are chosen, as chips, and a field that finds more by their names.

import { element } from "../dom.js";
import { nearest } from "../likeness.js";
import { folded } from "../names.js";
import { t } from "../texts.js";
import { placeText } from "../wording.js";

export const MOST = 10; // states at a time: more lines could not be told apart
const LONGEST = 60; // letters of what was typed, where it is named

export class ChosenStates {
  /**
   * `states` are those of the API, `shapes` a promise of the `neighbours` of each; `changed` is called when
   * others are chosen by hand, `refuse` with a sentence where that cannot be.
   */
  constructor({ states, shapes }, changed, refuse) {
    this.known = states.filter((state) => state.kind !== "nation");
    this.nation = states.filter((state) => state.kind === "nation"); // which stands beside them anyway
    this.shapes = new Map(); // until they are known
    shapes.then((found) => {
      this.shapes = found;
      this.show();
    });
    this.changed = changed;
    this.refuse = refuse;
    this.names = [];
    this.place = document.getElementById("chips");
    this.field = document.getElementById("state");
    this.more = document.getElementById("neighbours");
    document
      .getElementById("states-list")
      .replaceChildren(
        ...this.known.map(({ name }) => element("option", { value: placeText(name) })),
      );
    this.field.addEventListener("input", () => this.#typed(false));
    this.field.addEventListener("change", () => this.#typed(true));
    this.field.addEventListener("keydown", (event) => this.#pressed(event));
    this.more.addEventListener("click", () => {
      this.#choose([...this.names, ...this.#beside()]);
      if (this.more.hidden) this.field.focus(); // whoever goes by keyboard stays here
    });
    this.field.disabled = false;
  }

  /** What may be chosen, as [value, text]. */
  get options() {
    return this.known.map(({ abbreviation, name }) => [abbreviation, placeText(name)]);
  }

  /** What the address says of it. */
  get link() {
    return this.names.map((name) => this.#find(name).abbreviation).join(",");
  }

  /** Choose states by names, in either language, or abbreviations; return those that are unknown. */
  put(given) {
    const found = given.map((name) => [name, this.#find(name)]);
    const known = [...new Set(found.flatMap(([, state]) => (state ? [state.name] : [])))];
    this.names = known.slice(0, MOST);
    this.isCut = known.length > MOST;
    this.show();
    const isUnknown = ([name, state]) => !state && !findPlace(this.nation, name);
    return found.filter(isUnknown).map(([name]) => name);
  }

  /** Choose a state beside the others; again, to choose it no more. A place that is unknown is not. */
  toggle(name) {
    if (!this.#find(name)) return;
    const is = this.names.includes(name);
    this.#choose(is ? this.names.filter((other) => other !== name) : [...this.names, name]);
  }

  /** Show the chips. */
  show() {
    const chips = this.names.map((name, place) =>
      element(
        "li",
        { class: `chip series-${place}`, "data-state": name },
        placeText(name),
        element(
          "button",
          {
            type: "button",
            "aria-label": t("choose.remove", { state: placeText(name) }),
            click: () => this.#remove(place),
          },
          "×",
        ),
      ),
    );
    this.place.replaceChildren(...chips);
    this.more.hidden = !this.#beside().length || this.names.length === MOST;
    this.field.placeholder = t(this.names.length ? "choose.another_state" : "choose.a_state");
  }

  #remove(place) {
    this.#choose(this.names.filter((_, other) => other !== place));
    this.field.focus();
  }

  #choose(names) {
    const most = names.slice(0, MOST);
    if (most.join() !== this.names.join()) {
      this.names = most;
      this.show();
      this.changed();
    }
    if (names.length > MOST) this.refuse(t("choose.most_states", { most: MOST }));
  }

  /** The neighbours of the first state that are not chosen. */
  #beside() {
    const beside = this.shapes.get(this.names[0])?.neighbours ?? [];
    return beside.filter((name) => this.#find(name) && !this.names.includes(name));
  }

  /** Take a whole name at once, as a click in the list gives it; at the end, the one most like it. */
  #typed(isDone) {
    const { value } = this.field;
    if (!value.trim()) return;
    const exact = this.#find(value.trim());
    const isWhole = exact && (isDone || !isAbbreviation(exact, value.trim()));
    // An abbreviation may be the beginning of a name; a whole name is not that of another.
    const found = isWhole ? exact.name : isDone ? this.#like(value.trim()) : null;
    if (!found) {
      if (isDone) this.refuse(t("choose.unknown_state", { value: value.trim().slice(0, LONGEST) }));
      return;
    }
    this.field.value = "";
    if (!this.names.includes(found)) this.#choose([...this.names, found]);
  }

  #like(text) {
    const lower = text.toLowerCase();
    const begun = this.known.find((state) =>
      namesOf(state).some((name) => name.toLowerCase().startsWith(lower)),
    );
    const like = nearest(text, this.options);
    return begun?.name ?? (like && this.#find(like[0]).name);
  }

  #pressed(event) {
    if (event.key === "Enter") this.#typed(true);
    else if (event.key === "Backspace" && !this.field.value && this.names.length)
      this.#remove(this.names.length - 1);
  }

  #find(name) {
    return findPlace(this.known, name);
  }
}

/** Return the place of a name, in either language, or of an abbreviation. */
export function findPlace(places, name) {
  const wanted = folded(name);
  return places.find((place) =>
    [place.abbreviation, ...namesOf(place)].some((one) => folded(one) === wanted),
  );
}

/** Return what a state is called, in the dataset and on the page. */
function namesOf({ name }) {
  return [name, placeText(name)];
}

function isAbbreviation({ abbreviation }, text) {
  return abbreviation.toLowerCase() === text.toLowerCase();
}
