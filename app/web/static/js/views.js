// A view: a card with a chart, its table, and what can be taken away from it.

import { answerPath, curl, send } from "./api.js";
import { clear, draw, pngOf, svgOf } from "./charts/drawing.js";
import { palette } from "./charts/palette.js";
import { noteTrouble } from "./connection.js";
import { button, copy, element, save, table } from "./dom.js";
import { Marks } from "./marks.js";
import { t } from "./texts.js";

const MOMENT = 250; // milliseconds; what takes no longer needs no word about it
const FILE_WIDTH = { map: 1000 }; // pixels of a picture to save
const FILE_WIDTH_ELSE = 760;

export class View {
  /**
   * `events` are those of Marks. `link(name)` returns the view's permanent link; `renew(job)` asks
   * anew what the server has forgotten the answer to.
   */
  constructor(name, events, { link, renew }) {
    this.name = name;
    this.card = document.getElementById(name);
    this.parts = Object.fromEntries(
      [...this.card.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]),
    );
    this.marks = new Marks(this.parts.chart, events);
    this.link = link;
    this.renew = renew;
    this.drawings = 0; // begun so far; only the latest is shown
    for (const button of this.card.querySelectorAll("[data-do]")) {
      button.addEventListener("click", () => this.#act(button.dataset.do, button));
    }
    this.empty("");
  }

  /** Tell that an answer is on its way; what was shown stays, paler, until it is there. */
  busy(text = t("loading.asking")) {
    this.card.setAttribute("aria-busy", "true");
    this.#enable(false); // what could be taken away is not what is asked for now
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.#say(text), MOMENT);
  }

  /** Have another heading. */
  entitle(title) {
    document.getElementById(`${this.name}-title`).textContent = title;
  }

  /** Tell what a busy view waits for. */
  waits(text) {
    if (this.card.getAttribute("aria-busy") === "true") this.busy(text);
  }

  /** Show nothing but a sentence. */
  empty(text) {
    this.#settle();
    this.content = null;
    this.drawings += 1;
    clear(this.parts.chart);
    this.parts.note.textContent = "";
    this.parts.table.replaceChildren();
    this.#say(text);
    this.#enable(false);
  }

  /** Show why there is nothing, with a way to try again where that may help. */
  fail(error, again) {
    this.empty("");
    if (error.kind === "refused")
      return this.#say(`${error.message} ${t("errors.choose_else")}`, true);
    this.#say(error.message, true);
    this.parts.message.append(element("br"), button(t("errors.again"), again));
  }

  /** Show content: {job, title, note, heading, columns, rows, spec(look), chosen(datum)}. */
  async show(content) {
    this.content = content;
    await this.redraw();
    if (this.content !== content) return;
    this.#settle();
    this.#say("");
    this.entitle(content.title);
    this.parts.note.textContent = content.note;
    this.parts.table.replaceChildren(table(content.columns, content.rows));
    this.#command();
    this.#enable(true);
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

  #settle() {
    clearTimeout(this.soon);
    this.card.setAttribute("aria-busy", "false");
  }

  #say(text, bad = false) {
    this.parts.message.textContent = text;
    this.parts.message.classList.toggle("error", bad);
  }

  #enable(is) {
    for (const button of this.card.querySelectorAll("[data-do]")) button.disabled = !is;
  }

  #command() {
    const { id, statistic, body } = this.content.job;
    const commands = [curl(`/api/${statistic}`, body), curl(`${answerPath(id)}?wait=30`)];
    this.parts.command.textContent = commands.join("\n");
  }

  async #act(what, button) {
    try {
      if (what === "table" || what === "curl") this.#toggle(what, button);
      else if (what === "link") await copy(this.link(this.name), button, t("take.copied"));
      else if (what === "copy-curl")
        await copy(this.parts.command.textContent, button, t("take.copied"));
      else await this.#download(what, button);
    } catch (error) {
      noteTrouble(error);
      this.#say(error.message, true);
    }
  }

  #toggle(name, button) {
    const part = this.parts[name];
    part.hidden = !part.hidden;
    button.setAttribute("aria-expanded", String(!part.hidden));
  }

  async #download(format, button) {
    button.disabled = true;
    const { job, file } = this.content;
    try {
      save(await this.#file(format, job), `${file}.${format}`);
    } finally {
      button.disabled = false;
    }
  }

  async #file(format, job) {
    if (format === "csv" || format === "json") {
      const fetched = () => send(answerPath(job.id, format === "csv" ? "csv" : ""));
      try {
        return await (await fetched()).blob();
      } catch (error) {
        if (error.kind !== "expired") throw error;
        await this.renew(job);
        this.#command();
        return (await fetched()).blob();
      }
    }
    const { heading, note, told } = this.content;
    const colours = palette("light");
    const look = {
      width: FILE_WIDTH[this.name] ?? FILE_WIDTH_ELSE,
      colours,
      title: { text: heading, notes: [told[0], note, ...told.slice(1)] },
    };
    const spec = this.content.spec(look);
    if (format === "png") return pngOf(spec, colours);
    return new Blob([await svgOf(spec, colours)], { type: "image/svg+xml" });
  }
}
