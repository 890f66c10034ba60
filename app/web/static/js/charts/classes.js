// Classes of values with round edges, and the names of the colours of css/tokens.css for each.

const SMALL_STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 1, 1.5, 2, 2.5];
const STEPS = [3, 4, 5, 6, 8, 10, 15, 20, 25]; // and these times 10, 100 and so on
const MOST = 6;

/**
 * Return {edges, colours}: at most six classes. Changes have classes around zero, whose colours say what
 * is good, what is bad, or neither where that is not known; levels grow darker, and say neither.
 */
export function classesOf(found, isChange, lowerIsBetter) {
  let low = Math.min(...found);
  let high = Math.max(...found);
  if (isChange) {
    high = Math.max(Math.abs(low), Math.abs(high));
    low = -high;
  }
  const fits = (step) => Math.ceil(high / step) - Math.floor(low / step) <= MOST;
  let step = SMALL_STEPS.find(fits);
  for (let times = 1; step === undefined; times *= 10) {
    step = STEPS.map((one) => one * times).find(fits);
  }
  const first = Math.min(Math.floor(low / step), isChange ? -1 : Infinity);
  const last = Math.max(Math.ceil(high / step), first + 1, isChange ? 1 : -Infinity);
  const edges = [];
  for (let place = first; place <= last; place += 1) edges.push(Number((place * step).toFixed(2)));
  const count = edges.length - 1;
  return { edges, colours: isChange ? twoSided(count, lowerIsBetter) : oneSided(count) };
}

/** Return the place of a value's class. */
export function classOf(value, { edges }) {
  return edges.slice(1, -1).filter((edge) => value >= edge).length;
}

function twoSided(classes, lowerIsBetter) {
  const [below, above] =
    lowerIsBetter === null
      ? ["less", "more"]
      : lowerIsBetter
        ? ["better", "worse"]
        : ["worse", "better"];
  const half = classes / 2;
  const strengths = [1, 2, 3].slice(0, half);
  return [
    ...strengths.toReversed().map((strength) => `${below}-${strength}`),
    ...strengths.map((strength) => `${above}-${strength}`),
  ];
}

function oneSided(classes) {
  if (classes === 1) return ["sequence-3"];
  const place = (of) => 1 + Math.round((of * 5) / (classes - 1));
  return Array.from({ length: classes }, (_, of) => `sequence-${place(of)}`);
}
