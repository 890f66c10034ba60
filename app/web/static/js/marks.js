// Makes the marks of a chart reachable: by pointer, by keyboard, by a screen reader.
//
// A chart is one stop for the Tab key; arrows go from mark to mark, to the nearest in that
// direction; Enter and Space choose. What a mark tells is its accessible name, and the tip's text.

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Return the row of data behind a node of a chart, if it is a mark that tells something. */
function datumOf(node) {
  const datum = node?.__data__; // d3 leaves it there
  return datum?.told ? datum : null;
}

export class Marks {
  /** `point(datum, node)` and `leave()` follow pointer and focus; `choose(datum)` is optional. */
  constructor(place, { point, leave, choose }) {
    this.place = place;
    this.choose = choose;
    let [lastX, lastY] = [NaN, NaN];
    place.addEventListener("pointerover", ({ target, clientX, clientY }) => {
      // A page that scrolls moves marks under a pointer that rests, and points at nothing.
      if (clientX !== lastX || clientY !== lastY) this.#pointed(target, point, leave);
    });
    window.addEventListener("pointermove", ({ clientX, clientY }) => {
      [lastX, lastY] = [clientX, clientY];
    });
    place.addEventListener("pointerleave", leave);
    place.addEventListener("focusin", ({ target }) => this.#pointed(target, point, leave));
    place.addEventListener("focusout", leave);
    place.addEventListener("click", ({ target }) => {
      const datum = datumOf(target);
      if (datum && choose) choose(datum);
    });
    place.addEventListener("keydown", (event) => this.#pressed(event));
  }

  /** Take up the marks that were just drawn; `chosen` tells which is pressed in. */
  take(chosen) {
    this.nodes = [...this.place.querySelectorAll("[aria-label]")].filter(datumOf);
    for (const node of this.nodes) {
      node.setAttribute("role", this.choose ? "button" : "img");
    }
    this.mark(chosen);
  }

  /** Focus the mark that the Tab key comes to. */
  focus() {
    this.place.querySelector('[tabindex="0"]')?.focus();
  }

  /** Show which mark is chosen. */
  mark(chosen) {
    for (const node of this.nodes ?? []) {
      const is = chosen(datumOf(node));
      if (this.choose) node.setAttribute("aria-pressed", String(is));
      node.setAttribute("tabindex", is ? "0" : "-1");
    }
    if (!this.nodes?.some((node) => node.getAttribute("tabindex") === "0")) {
      this.nodes?.[0]?.setAttribute("tabindex", "0");
    }
  }

  #pointed(target, point, leave) {
    const datum = datumOf(target);
    if (datum) point(datum, target);
    else leave();
  }

  #pressed(event) {
    const { target, key } = event;
    const datum = datumOf(target);
    if (!datum) return;
    if ((key === "Enter" || key === " ") && this.choose) this.choose(datum);
    else if (key in ARROWS) this.#go(nearest(target, this.nodes, ARROWS[key]));
    else if (key === "Home") this.#go(this.nodes[0]);
    else if (key === "End") this.#go(this.nodes.at(-1));
    else return;
    event.preventDefault();
  }

  #go(node) {
    if (!node) return;
    for (const other of this.nodes) other.setAttribute("tabindex", other === node ? "0" : "-1");
    node.focus();
  }
}

/** Return the node that lies nearest in a direction; what lies aside counts as farther away. */
function nearest(from, nodes, [across, down]) {
  const here = centre(from);
  let best = null;
  let least = Infinity;
  for (const node of nodes) {
    const there = centre(node);
    const [x, y] = [there.x - here.x, there.y - here.y];
    const ahead = x * across + y * down;
    const aside = Math.abs(x * down) + Math.abs(y * across);
    if (node === from || ahead <= 0 || aside > 2.5 * ahead) continue;
    if (ahead + 2 * aside < least) [best, least] = [node, ahead + 2 * aside];
  }
  return best;
}

function centre(node) {
  const box = node.getBoundingClientRect();
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}
