// A card of the page: its heading and note, and a word about what is on its way or has failed.

import { button, element } from "../dom.js";
import { t } from "../texts.js";

const MOMENT = 250; // milliseconds; what takes no longer needs no word about it

export class Card {
  /** `name` is the id of the card. */
  constructor(name) {
    this.card = document.getElementById(name);
    this.title = document.getElementById(`${name}-title`);
    const parts = [...this.card.querySelectorAll("[data-part]")];
    this.parts = Object.fromEntries(parts.map((part) => [part.dataset.part, part]));
  }

  /** Where the card shows what it is about. */
  get place() {
    return this.parts.place;
  }

  /** Tell that an answer is on its way; what was shown stays, paler, until it is there. */
  busy() {
    this.card.ariaBusy = "true";
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.#say(t("loading.asking")), MOMENT);
  }

  /** Tell that nothing is on its way any more: what was shown stays. */
  settle() {
    clearTimeout(this.soon);
    this.card.ariaBusy = "false";
    this.#say("");
  }

  /** Have another heading, and another note below it. */
  entitle(title, note = "") {
    this.title.textContent = title;
    this.parts.note.textContent = note;
  }

  /** Show nothing but a sentence. */
  empty(text) {
    this.settle();
    this.place.replaceChildren();
    this.#say(text);
  }

  /** Show why there is nothing, with a way to try again where that may help. */
  fail(error, again) {
    this.empty("");
    this.#say(error.message, true);
    if (error.kind !== "refused")
      this.parts.message.append(element("br"), button(t("errors.again"), again));
  }

  #say(text, isBad = false) {
    this.parts.message.textContent = text;
    this.parts.message.classList.toggle("error", isBad);
  }
}
