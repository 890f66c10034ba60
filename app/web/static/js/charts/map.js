// The map: states coloured by class; the district and the territories as labelled boxes.

import { called } from "../texts.js";
import { classOf } from "./classes.js";
import { loadD3 } from "./d3.js";

// The atlas is projected already, onto a plane of 975 by 610. Shown is this much of it:
const LEFT = -6;
const RIGHT = 985;
const TOP = 4;
const BOTTOM = 606;
const BESIDE = RIGHT + 44; // where, on a wide one, the names of boxes begin
const NAME = 68; // pixels that the longest of them takes
const NARROW = 520; // pixels; below, letters do not fit into states, and boxes stand below the map
export const BOXES = ["District of Columbia", "Puerto Rico", "Guam", "Virgin Islands"];

/**
 * Draw a map in `place`. `areas` has for each state {state, abbreviation, status, value, told}, `classes`
 * are those of classes.js, `outlines` has by state {path, letters}, as app/charts/page_map.py tells.
 */
export async function drawMap(place, areas, classes, outlines) {
  const d3 = await loadD3();
  const width = place.clientWidth;
  const narrow = width < NARROW;
  // Wide, the boxes stand to the right of the map, and their names to the right of them: as much of
  // the plane is shown as these take, whose letters do not shrink with the map.
  const right = narrow ? RIGHT : (BESIDE - (NAME * LEFT) / width) / (1 - NAME / width);
  const bottom = narrow ? BOTTOM + 120 : BOTTOM;
  const unit = (right - LEFT) / width; // of the plane, that a pixel is
  const svg = d3
    .create("svg")
    .attr("viewBox", [LEFT, TOP, right - LEFT, bottom - TOP].join(" "))
    .attr("width", width)
    .attr("height", (bottom - TOP) / unit);
  const drawn = areas.flatMap((area) => {
    const box = BOXES.indexOf(area.state);
    const shape = box < 0 ? outlines.get(area.state) : boxed(box, narrow);
    return shape ? [{ ...area, ...shape, isBox: box >= 0 }] : [];
  });
  svg
    .append("g")
    .selectAll("path")
    .data(drawn)
    .join("path")
    .attr("class", "area")
    .attr("d", ({ path }) => path)
    .attr("aria-label", ({ told }) => told)
    .style("fill", (area) => fillOf(area, classes));
  const lettered = drawn.filter(({ isBox, letters }) => letters && (isBox || !narrow));
  svg
    .append("g")
    .attr("aria-hidden", "true")
    .attr("font-size", 11 * unit)
    .selectAll("text")
    .data(lettered)
    .join("text")
    .attr("class", (area) => (area.isBox ? "box-name" : `letters on-${colourOf(area, classes)}`))
    .attr("text-anchor", ({ isBox }) => (isBox && !narrow ? "start" : "middle"))
    .attr("x", ({ letters }) => letters[0])
    .attr("y", ({ letters }) => letters[1])
    .attr("dy", "0.36em")
    .text(({ state, abbreviation, isBox }) => (isBox && !narrow ? shortText(state) : abbreviation));
  place.replaceChildren(svg.node());
}

/** Mark the states that are chosen: their outlines come last, over those of the others. */
export function markMap(place, chosen) {
  const areas = [...place.querySelectorAll(".area")].filter((node) =>
    chosen.includes(node.__data__.state),
  );
  const over = document.createElementNS("http://www.w3.org/2000/svg", "g");
  over.setAttribute("class", "outlines");
  over.setAttribute("aria-hidden", "true");
  for (const name of ["halo", "outline"]) {
    for (const area of areas) {
      const outline = document.createElementNS("http://www.w3.org/2000/svg", "path");
      outline.setAttribute("class", name);
      outline.setAttribute("d", area.getAttribute("d"));
      over.append(outline);
    }
  }
  place.querySelector(".outlines")?.remove();
  place.querySelector("svg")?.append(over);
}

function colourOf({ status, value }, classes) {
  return status === "value" ? classes.colours[classOf(value, classes)] : status;
}

function fillOf(area, classes) {
  const colour = colourOf(area, classes);
  return area.status === "value" ? `var(--${colour})` : `url(#${colour})`;
}

/** Return what a box is called beside it, where there is little room. */
function shortText(place) {
  const short = called("short_places", place);
  return short === place ? called("places", place) : short;
}

function boxed(place, narrow) {
  const [x, y, width, height] = narrow
    ? [LEFT + 30 + place * 245, BOTTOM + 10, 190, 52]
    : [BESIDE - 48, 318 + 56 * place, 40, 36];
  const letters = narrow ? [x + width / 2, y + height + 28] : [BESIDE, y + height / 2];
  return { path: `M${x},${y}h${width}v${height}h${-width}Z`, letters };
}
