// Lines of right ascension and declination, and what is written beside them.

import { projectLines, unproject } from "./sky_projections.js";

const MIN = 1 / 60;
const SEC = 1 / 3600;
const DEGREES = [30, 15, 10, 5, 2, 1, 30 * MIN, 20 * MIN, 10 * MIN, 5 * MIN, 2 * MIN, MIN]
  .concat([30, 20, 10, 5, 2, 1].map((seconds) => seconds * SEC));
const HOURS = [2, 1, 30 * MIN, 20 * MIN, 10 * MIN, 5 * MIN, 2 * MIN, MIN].concat(
  [30, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01].map((seconds) => seconds * SEC),
);
const FINE = 48; // pieces of a line

const largest = (steps, most) => steps.find((step) => step <= most) ?? steps.at(-1);
const padded = (number, decimals = 0) =>
  number.toFixed(decimals).padStart(decimals ? 3 + decimals : 2, "0");

// 12h, 12h30m, 12h30m05s or 12h30m05.2s, as the step wants it.
export function hoursInWords(ra, step) {
  const decimals = step < 0.1 * SEC * 0.99 ? 2 : step < SEC * 0.99 ? 1 : 0;
  const unit = 10 ** decimals;
  const ticks = Math.round((((ra % 360) + 360) % 360) * 240 * unit) % (86400 * unit);
  const [h, m] = [Math.floor(ticks / 3600 / unit), Math.floor(ticks / 60 / unit) % 60];
  const s = (ticks / unit) % 60;
  if (step > 0.99) {
    return `${h}h`;
  }
  return `${h}h${padded(m)}m${step > 0.99 * MIN ? "" : `${padded(s, decimals)}s`}`;
}

// +47°, +47°10′ or +47°10′05″.
export function degreesInWords(dec, step) {
  const ticks = Math.round(Math.abs(dec) * 3600);
  const sign = ticks === 0 ? "" : dec < 0 ? "−" : "+";
  const [d, m, s] = [Math.floor(ticks / 3600), Math.floor(ticks / 60) % 60, ticks % 60];
  const minutes = step > 0.99 ? "" : `${padded(m)}′`;
  return `${sign}${d}°${minutes}${step > 0.99 * MIN ? "" : `${padded(s)}″`}`;
}

function fromTo(first, last) {
  return Array.from({ length: FINE + 1 }, (_, i) => first + ((last - first) * i) / FINE);
}

function multiples(step, first, last) {
  const found = [];
  for (let i = Math.ceil(first / step); i * step <= last; i += 1) {
    found.push(i * step);
  }
  return found;
}

// Where a line leaves the view, on the side where `along` is `at`; null where it does not.
function crossing(line, along, at, across, [low, high]) {
  for (let i = 1; i < line[along].length; i += 1) {
    const [one, other] = [line[along][i - 1] - at, line[along][i] - at];
    if (one * other <= 0 && one !== other) {
      const share = one / (one - other);
      const place = line[across][i - 1] + share * (line[across][i] - line[across][i - 1]);
      if (place > low && place < high) {
        return place;
      }
    }
  }
  return null;
}

// What part of the sky a view shows: degrees of declination and, around its middle, of RA.
function part({ projection, x, y, width, height }) {
  if (projection.kind === "AIT") {
    return { decs: [-90, 90], ras: [projection.ra - 180, projection.ra + 180] };
  }
  const [ra, dec] = unproject(projection, x, y);
  const radius = Math.hypot(width, height) / 2;
  const decs = [Math.max(-90, dec - radius), Math.min(90, dec + radius)];
  const hasPole = Math.abs(dec) + radius >= 90;
  const sine = Math.sin((radius * Math.PI) / 180) / Math.cos((dec * Math.PI) / 180);
  const half = hasPole || sine >= 1 ? 180 : (Math.asin(sine) * 180) / Math.PI;
  return { decs, ras: [ra - half, ra + half] };
}

// { x, y } of all lines with NaN between them, and labels { x, y, text, side }.
export function graticule(view) {
  const { projection, x, y, width, height, widthPx } = view;
  const { decs, ras } = part(view);
  const isWhole = projection.kind === "AIT";
  const room = Math.min(width, height);
  const decStep = largest(DEGREES, isWhole ? Math.min(30, room / 3) : room / 2.5);
  const across = isWhole ? room : Math.min(ras[1] - ras[0], 360) * (width / Math.hypot(width, height));
  const hourStep = largest(HOURS, (isWhole ? Math.min(30, across / 3) : across / 3) / 15);
  const meridians = multiples(hourStep * 15, ras[0], ras[1] - (ras[1] - ras[0] >= 360 ? 1e-9 : 0));
  const parallels = multiples(decStep, ...decs).filter((dec) => Math.abs(dec) < 90);
  const middleDec = isWhole ? 50 : projection.dec; // towards its sides all of it is narrower
  const lines = { x: [], y: [] };
  const labels = [];
  const [left, bottom] = [x + width / 2, y - height / 2]; // east is on the left
  const inside = width * (0.5 - 32 / widthPx); // half a label from the sides
  const sides = { x: [x - inside, x + inside], y: [y - 0.42 * height, y + 0.42 * height] };
  // Of meridians that are closer than what is written at them every other one, or fewer, is named.
  const apartPx = (hourStep * 15 * Math.cos((middleDec * Math.PI) / 180) * widthPx) / width;
  const every = Math.max(1, Math.ceil((12 + 6.5 * hoursInWords(0, hourStep).length) / apartPx));
  function add(ofRa, ofDec) {
    const line = projectLines(projection, ofRa, ofDec);
    lines.x.push(...line.x, NaN);
    lines.y.push(...line.y, NaN);
    return line;
  }
  for (const ra of meridians) {
    const line = add(Array(FINE + 1).fill(ra), fromTo(...decs));
    const text = hoursInWords(ra, hourStep);
    const isNamed = Math.round(ra / hourStep / 15) % every === 0;
    if (isWhole && Math.abs(y) < height / 2) {
      const atEquator = line.x[FINE / 2];
      const isSeam = Math.abs(ra - ras[0]) < 1e-6;
      if (isNamed && !isSeam && Math.abs(atEquator - x) < inside) {
        labels.push({ x: atEquator, y: 0, text, side: "middle" });
      }
    } else {
      const place = crossing(line, "y", bottom, "x", sides.x);
      if (isNamed && place !== null) {
        labels.push({ x: place, y: bottom, text, side: "bottom" });
      }
    }
  }
  for (const dec of parallels) {
    const first = isWhole ? ras[0] + 1e-6 : ras[0];
    const last = isWhole ? ras[1] - 1e-6 : ras[1];
    const line = add(fromTo(first, last), Array(FINE + 1).fill(dec));
    const text = degreesInWords(dec, decStep);
    if (isWhole && width > 300) {
      if (dec !== 0) {
        labels.push({ x: line.x[FINE], y: line.y[FINE], text, side: "edge" });
      }
    } else {
      const place = crossing(line, "x", left, "y", sides.y);
      if (place !== null) {
        labels.push({ x: left, y: place, text, side: "left" });
      } else if (isWhole) {
        labels.push({ x: line.x[FINE], y: line.y[FINE], text, side: "edge" });
      }
    }
  }
  if (isWhole) {
    for (const ra of [ras[0] + 1e-6, ras[1] - 1e-6]) {
      add(Array(FINE + 1).fill(ra), fromTo(-90, 90));
    }
  }
  return { lines, labels };
}
