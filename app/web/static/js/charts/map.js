// The map: states coloured by class; the district and the territories as labelled boxes.

import { number, t } from "../texts.js";
import { chart, values } from "./common.js";
import { classesOf, classOf } from "./classes.js";
import { readable } from "./contrast.js";
import { libraries } from "./drawing.js";

// The atlas is projected already, onto a plane of 975 by 610. Shown is this much of it:
const LEFT = -6;
const RIGHT = 985;
const TOP = 4;
const BOTTOM = 606;
const NAMES = 82; // pixels that the names of the boxes take
const NARROW = 560; // pixels; below, letters do not fit into states, and boxes stand below the map
// Patterns of app/web/templates/explore.html for states without an estimate, as the key has them.
const FILLS = {
  withheld: "url(#withheld)",
  unreleased: "url(#unreleased)",
  missing: "url(#absent)",
};
const BOXES = ["District of Columbia", "Puerto Rico", "Guam", "Virgin Islands"];
// Which states have letters, and how far from their middle: app/charts/geography.py has the table.
const LABELS = JSON.parse(document.getElementById("map-labels").textContent);

/** Return the states of the atlas as GeoJSON, each with its name, once for all drawings. */
export async function readAtlas(topology) {
  const { vega } = await libraries();
  return vega.read(topology, { type: "topojson", feature: "states" });
}

/** Return the map of a model. `places` are the known states, with their abbreviations. */
export function mapOf(model, atlas, places, look) {
  const narrow = look.width < NARROW;
  // Wide, the boxes stand to the right of the map, and their names to the right of them.
  const [right, bottom] = narrow ? [RIGHT, BOTTOM + 150] : [RIGHT + 46, BOTTOM];
  const scale = (look.width - (narrow ? 0 : NAMES)) / (right - LEFT);
  const found = model.rows.filter((row) => row.status === "value").map((row) => row.value);
  const classes = classesOf(found, look.colours, model.unit === "points");
  const rows = new Map(model.rows.map((row) => [row.state, row]));
  const boxes = BOXES.map((state, place) => box(state, place, narrow));
  const drawn = atlas.filter(({ properties }) => !BOXES.includes(properties.name));
  const areas = [
    ...drawn.map((shape) => ({ ...shape, properties: {}, state: shape.properties.name })),
    ...boxes.map((one) => one.area),
  ].map((area) => ({ ...area, ...told(area.state, rows.get(area.state), look) }));
  const abbreviations = new Map(places.map((place) => [place.name, place.abbreviation]));
  const letters = narrow ? [] : areas.flatMap((area) => letter(area, abbreviations, classes, look));
  const words = boxes.map(({ text }) => ({
    ...text,
    words: shortOf(text.state, abbreviations, narrow),
  }));
  const outline = { type: "geoshape", stroke: look.colours.border, strokeWidth: 0.6 };
  const data = values(areas);
  const absent = Object.keys(FILLS).filter((one) => areas.some(({ status }) => status === one));
  return chart(
    {
      width: look.width,
      height: (bottom - TOP) * scale,
      projection: {
        type: "identity",
        scale,
        translate: [-LEFT * scale, -TOP * scale],
      },
      params: [{ name: "chosen", value: look.chosen ?? "" }],
      layer: [
        {
          data,
          transform: [{ filter: "datum.status === 'value'" }],
          mark: { ...outline, cursor: "pointer" },
          encoding: { fill: fillOf(classes, model, look), description: { field: "told" } },
        },
        {
          data,
          transform: [{ filter: "datum.status !== 'value'" }],
          mark: { ...outline, cursor: "pointer" },
          encoding: { fill: absentOf(absent, look), description: { field: "told" } },
        },
        {
          data,
          transform: [{ filter: "datum.state === chosen" }],
          mark: {
            type: "geoshape",
            filled: false,
            stroke: look.colours.chosen,
            strokeWidth: 3,
            aria: false,
          },
        },
        wordsOf(letters, 11, "center", look),
        wordsOf(words, narrow ? 11 : 12, narrow ? "center" : "left", look),
      ],
      resolve: { scale: { fill: "independent" }, legend: { fill: "independent" } },
    },
    look,
  );
}

function told(state, row, look) {
  const { status, value } = row ?? { status: "missing", value: null };
  return { status, value, told: look.sentence(state, row ?? { status }) };
}

function fillOf(classes, model, look) {
  const decimals = Math.max(
    ...classes.edges.map((edge) => (String(edge).split(".")[1] ?? "").length),
  );
  const labels = classes.edges
    .slice(1, -1)
    .map((edge) => number(edge, decimals, model.unit === "points"));
  const places = classes.edges.slice(1, -1);
  return {
    field: "value",
    type: "quantitative",
    scale: { type: "threshold", domain: places, range: classes.colours },
    legend: {
      title: legendTitle(classes, model, decimals),
      orient: "top",
      direction: "horizontal",
      type: "gradient",
      gradientLength: Math.min(360, look.width - 16),
      gradientThickness: 12,
      labelExpr: `${JSON.stringify(labels)}[indexof(${JSON.stringify(places)}, datum.value)]`,
    },
  };
}

/** Where all values are of one class, the legend has no edge to tell it by. */
function legendTitle({ edges }, { unit }, decimals) {
  const title = t(`map.legend_${unit}`);
  if (edges.length > 2) return title;
  const [low, high] = edges.map((edge) => number(edge, decimals, unit === "points"));
  return `${title}: ${t("tell.range", { low, high })}`;
}

function absentOf(statuses, look) {
  const words = statuses.map((status) => t(`status.${status}`));
  return {
    field: "status",
    type: "nominal",
    scale: { domain: statuses, range: statuses.map((status) => FILLS[status]) },
    legend: {
      title: null,
      orient: look.width < NARROW ? "bottom" : "top", // beside the other it needs room
      direction: "horizontal",
      symbolType: "square",
      symbolSize: 160,
      symbolStrokeColor: look.colours.soft,
      labelLimit: 300,
      labelExpr: `${JSON.stringify(words)}[indexof(${JSON.stringify(statuses)}, datum.value)]`,
    },
  };
}

function box(state, place, narrow) {
  const [x, y, width, height] = narrow
    ? [LEFT + 30 + place * 245, BOTTOM + 30, 190, 62]
    : [RIGHT - 4, 318 + 56 * place, 40, 36];
  const ring = [
    [x, y],
    [x, y + height],
    [x + width, y + height],
    [x + width, y],
    [x, y],
  ];
  const at = narrow ? [x + width / 2, y + height + 30] : [x + width + 8, y + height / 2];
  return {
    area: { type: "Feature", geometry: { type: "Polygon", coordinates: [ring] }, state },
    text: { x: at[0], y: at[1], state },
  };
}

function shortOf(state, abbreviations, narrow) {
  const short = { "District of Columbia": "D.C.", "Virgin Islands": "Virgin Is." };
  return narrow ? (abbreviations.get(state) ?? state) : (short[state] ?? state);
}

function letter(area, abbreviations, classes, { colours }) {
  if (BOXES.includes(area.state)) return [];
  const { size, x, y } = middle(area.geometry);
  if (size < LABELS.smallest) return [];
  const words = abbreviations.get(area.state) ?? "";
  const [across, down] = LABELS.nudges[words] ?? [0, 0];
  const is = area.status === "value";
  const ground = is ? classes.colours[classOf(area.value, classes)] : colours["hatch-ground"];
  const colour = readable(ground, [colours.ink, colours.card]);
  return [{ x: x + across, y: y + down, words, colour }];
}

/** Return the centre and the area of the largest part of a shape. */
function middle({ type, coordinates }) {
  const polygons = type === "Polygon" ? [coordinates] : coordinates;
  const parts = polygons.map(([ring]) => {
    let [size, x, y] = [0, 0, 0];
    for (let place = 1; place < ring.length; place += 1) {
      const [[x1, y1], [x2, y2]] = [ring[place - 1], ring[place]];
      const part = x1 * y2 - x2 * y1;
      [size, x, y] = [size + part, x + (x1 + x2) * part, y + (y1 + y2) * part];
    }
    return { size: Math.abs(size / 2), x: x / (3 * size), y: y / (3 * size) };
  });
  return parts.reduce((largest, part) => (part.size > largest.size ? part : largest));
}

function wordsOf(rows, size, align, look) {
  return {
    data: values(rows),
    mark: { type: "text", fontSize: size, align, baseline: "middle", aria: false },
    encoding: {
      longitude: { field: "x", type: "quantitative" },
      latitude: { field: "y", type: "quantitative" },
      text: { field: "words" },
      color: {
        condition: { test: "datum.colour", field: "colour", scale: null },
        value: look.colours.ink,
      },
    },
  };
}
