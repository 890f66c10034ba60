// A view: a card with a chart, its table, and what can be taken away from it.

import { addressOf, answerPath, curl } from "./api.js";
import { clear, draw } from "./charts/drawing.js";
import { palette } from "./charts/palette.js";
import { button, copy, element, table } from "./dom.js";
import { Marks } from "./marks.js";
import { t } from "./texts.js";

const MOMENT = 250; // milliseconds; what takes no longer needs no word about it
const PICTURES = ["png", "svg"]; // that the server draws

export class View {
  /** `events` are those of Marks; `link(name)` returns the view's permanent link. */
  constructor(name, events, link) {
    this.name = name;
    this.card = document.getElementById(name);
    this.parts = Object.fromEntries(
      [...this.card.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]),
    );
    this.marks = new Marks(this.parts.chart, events);
    this.link = link;
    this.drawings = 0; // begun so far; only the latest is shown
    for (const button of this.card.querySelectorAll("button[data-do]")) {
      button.addEventListener("click", () => this.#act(button.dataset.do, button));
    }
    this.empty("");
  }

  /** Tell that an answer is on its way; what was shown stays, paler, until it is there. */
  busy() {
    this.card.setAttribute("aria-busy", "true");
    this.#offer(null); // what could be taken away is not what is asked for now
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.#say(t("loading.asking")), MOMENT);
  }

  /** Tell that nothing is on its way any more: what was shown stays. */
  settle() {
    clearTimeout(this.soon);
    this.card.setAttribute("aria-busy", "false");
    this.#say(this.told);
    this.#offer(this.content?.take);
  }

  /** Have another heading. */
  entitle(title) {
    document.getElementById(`${this.name}-title`).textContent = title;
  }

  /** Show nothing but a sentence. */
  empty(text) {
    this.content = null;
    this.told = text; // in the place of a chart
    this.settle();
    this.drawings += 1;
    clear(this.parts.chart);
    this.parts.note.textContent = "";
    this.parts.table.replaceChildren();
  }

  /** Show why there is nothing, with a way to try again where that may help. */
  fail(error, again) {
    this.empty("");
    this.#say(error.message, true);
    if (error.kind !== "refused")
      this.parts.message.append(element("br"), button(t("errors.again"), again));
  }

  /** Show content: {take, title, note, columns, rows, spec(look), chosen(datum)}. */
  async show(content) {
    this.content = content;
    await this.redraw();
    if (this.content !== content) return;
    this.told = "";
    this.settle();
    this.entitle(content.title);
    this.parts.note.textContent = content.note;
    this.parts.table.replaceChildren(table(content.columns, content.rows));
  }

  /** Draw the chart anew, as after a change of theme or width. */
  async redraw() {
    const { content } = this;
    if (!content) return;
    this.drawings += 1;
    const own = this.drawings;
    const look = { width: this.parts.chart.clientWidth, colours: palette() };
    const state = content.state?.();
    const isWanted = () => own === this.drawings;
    const hadFocus = this.parts.chart.contains(document.activeElement);
    const drawn = await draw(this.parts.chart, content.spec(look), isWanted);
    if (!isWanted()) return;
    this.drawn = drawn;
    this.marks.take(content.chosen);
    if (hadFocus) this.marks.focus();
    if (content.state?.() !== state) await this.choose(content.state()); // chosen meanwhile
  }

  /** Mark another state as the chosen one, without drawing anew. */
  async choose(state) {
    if (!this.content) return;
    this.marks.mark(this.content.chosen);
    await this.drawn?.signal("chosen", state).runAsync();
  }

  #say(text, bad = false) {
    this.parts.message.textContent = text;
    this.parts.message.classList.toggle("error", bad);
  }

  /** Offer an answer to be taken away, {statistic, body, chart}; nothing where there is none. */
  #offer(take) {
    const pathTo = (format) => {
      const { statistic, body, chart } = take;
      if (format === "json") return answerPath(statistic, body);
      if (!PICTURES.includes(format)) return answerPath(statistic, body, format);
      return chart === null ? null : answerPath(statistic, { ...body, chart }, format);
    };
    for (const button of this.card.querySelectorAll("button[data-do]")) button.disabled = !take;
    for (const link of this.card.querySelectorAll("a[data-do]")) {
      const path = take ? pathTo(link.dataset.do) : null;
      if (path) link.href = addressOf(path);
      else link.removeAttribute("href");
      link.ariaDisabled = path ? null : "true";
      link.hidden = Boolean(take) && !path;
    }
    this.parts.command.textContent = take ? curl(pathTo("")) : "";
  }

  async #act(what, button) {
    if (what === "table" || what === "curl") this.#toggle(what, button);
    else if (what === "link") await copy(this.link(this.name), button, t("take.copied"));
    else await copy(this.parts.command.textContent, button, t("take.copied"));
  }

  #toggle(name, button) {
    const part = this.parts[name];
    part.hidden = !part.hidden;
    button.setAttribute("aria-expanded", String(!part.hidden));
  }
}
