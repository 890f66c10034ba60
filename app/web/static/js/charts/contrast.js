// Which of some colours can be read best on another (WCAG 2.2, relative luminance).

/** Return the one of `colours` with the most contrast to `ground`; all as `rgb(r, g, b)`. */
export function readable(ground, colours) {
  const below = luminance(ground);
  const contrast = (colour) => {
    const [dark, light] = [below, luminance(colour)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  return colours.reduce((best, colour) => (contrast(colour) > contrast(best) ? colour : best));
}

function luminance(colour) {
  const [red, green, blue] = colour.match(/[\d.]+/g).map((part) => {
    const share = Number(part) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
