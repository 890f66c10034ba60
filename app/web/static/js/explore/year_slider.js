// The year as a slider, which can play.

const A_YEAR = 900; // milliseconds, at least, that a year is shown while playing

export class YearSlider {
  /** `changed` is called when another year is chosen by hand, and returns when that is shown. */
  constructor(place, changed) {
    this.place = place;
    this.range = place.querySelector("input");
    this.told = place.querySelector("output");
    this.button = place.querySelector("button");
    this.changed = changed;
    this.years = [];
    this.value = ""; // the year that is chosen, as a text; none for the latest
    this.playing = false;
    this.range.addEventListener("input", () => {
      this.playing = false;
      this.#choose(this.years[Number(this.range.value)]);
    });
    this.button.addEventListener("click", () => {
      if (this.playing) this.#stop();
      else this.#play();
    });
  }

  /** Let one of these years be chosen; another than those is none. */
  offer(years, chosen) {
    this.playing = false;
    this.years = years;
    this.value = years.includes(Number(chosen)) ? String(chosen) : "";
    this.place.hidden = years.length < 2;
    this.range.max = String(Math.max(0, years.length - 1));
    this.tell(Number(this.value) || years.at(-1));
  }

  /** Show the year that is shown; null where several are. */
  tell(year) {
    this.range.disabled = this.button.disabled = year === null;
    if (year !== null) this.range.value = String(this.years.indexOf(year));
    const text = year === null ? `${this.years[0]}–${this.years.at(-1)}` : String(year ?? "");
    this.told.textContent = text;
    this.range.setAttribute("aria-valuetext", text);
    this.#mark();
  }

  #choose(year) {
    this.value = String(year);
    this.tell(year);
    return this.changed();
  }

  async #play() {
    this.playing = true;
    this.#mark();
    let place = Number(this.range.value);
    if (place === this.years.length - 1) place = -1;
    while (this.playing && place < this.years.length - 1) {
      place += 1;
      const shown = this.#choose(this.years[place]);
      await Promise.all([shown, new Promise((resolve) => setTimeout(resolve, A_YEAR))]);
    }
    this.#stop();
  }

  #stop() {
    this.playing = false;
    this.#mark();
  }

  #mark() {
    this.button.dataset.playing = String(this.playing);
    this.button.ariaLabel = this.button.dataset[this.playing ? "stop" : "play"];
  }
}
