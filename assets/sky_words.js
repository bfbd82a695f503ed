// What is said of a view of the sky, and how long the bar is that gives its scale.

import { degreesInWords, hoursInWords } from "./sky_graticule.js";

const FINEST_HOURS = 0.1 / 3600;
const BARS = [20, 10, 5, 2, 1].concat(
  ...[60, 3600].map((per) => [30, 20, 10, 5, 2, 1].map((value) => value / per)),
);

// 12°, 4.5′ or 30″.
function angleInWords(deg) {
  const [value, unit] = deg >= 1 ? [deg, "°"] : deg >= 1 / 60 ? [deg * 60, "′"] : [deg * 3600, "″"];
  return `${Number(value.toPrecision(2))}${unit}`;
}

// Null where the scale is not the same everywhere.
export function scaleOf({ projection, width, widthPx }) {
  if (projection.kind !== "TAN") {
    return null;
  }
  const bar = BARS.find((one) => one <= width / 4 + 1e-12) ?? BARS.at(-1);
  return { px: (bar / width) * widthPx, words: angleInWords(bar) };
}

export function wordsOf({ projection, width }, shows) {
  const { kind, ra, dec } = projection;
  const step = width > 10 ? 1 : width > 0.2 ? 1 / 60 : 1 / 3600; // degrees
  const middle = `${hoursInWords(ra, Math.max(step / 15, FINEST_HOURS))} ${degreesInWords(dec, step)}`;
  return [
    kind === "TAN"
      ? `Tangent plane at ${middle}, ${angleInWords(width)} wide.`
      : `Hammer–Aitoff, ${hoursInWords(ra, 1)} in the middle.`,
    shows.plane ? "Gold: the galactic plane." : "",
    shows.edge ? "Outlined: the survey." : "",
  ]
    .filter(Boolean)
    .join(" ");
}
