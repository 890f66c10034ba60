// The outlines of the states, and which lie beside each other.

import { libraries } from "./libraries.js";

/** Return {outlines: Map of names to {path, size, x, y}, neighbours: Map of names to names}. */
export async function readAtlas(topology) {
  const { d3, topojson } = await libraries();
  const { geometries } = topology.objects.states;
  const names = geometries.map(({ properties }) => properties.name);
  const path = d3.geoPath().digits(1); // the atlas is projected already
  const outlines = geometries.map((geometry) => {
    const shape = topojson.feature(topology, geometry);
    return { path: path(shape), ...largest(shape.geometry, path) };
  });
  const beside = topojson
    .neighbors(geometries)
    .map((places) => places.map((place) => names[place]).sort());
  const pairs = (values) => new Map(names.map((name, place) => [name, values[place]]));
  return { outlines: pairs(outlines), neighbours: pairs(beside) };
}

/** Return the area and the middle of the largest part of a shape, where its letters go. */
function largest({ type, coordinates }, path) {
  const polygons = type === "Polygon" ? [coordinates] : coordinates;
  const parts = polygons.map(([ring]) => ({ type: "Polygon", coordinates: [ring] }));
  const part = parts.reduce((most, one) => (path.area(one) > path.area(most) ? one : most));
  const [x, y] = path.centroid(part);
  return { size: path.area(part), x, y };
}
