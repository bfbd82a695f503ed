// The sky as it is seen: where one looks, and what is done there. A click, a region and what the
// pointer is on are told as if they were on the map: point i here is point i there.

import { AIT_HALF_WIDTH, project, separations, unproject } from "./sky_projections.js";
import { figureOf, OF_MAP } from "./sky_figure.js";
import { onPaper } from "./sky_paper.js";
import { scaleOf, wordsOf } from "./sky_words.js";

const CONFIG = {
  displaylogo: false,
  displayModeBar: true,
  modeBarButtons: [["pan2d", "select2d", "lasso2d"]],
  scrollZoom: true,
  doubleClick: false,
};
const [TO_TANGENT, TO_WHOLE] = [60, 75]; // degrees wide
const LEAST_WIDTH = 0.002;
const NEAREST = 12; // galaxies around the query that are shown with it
const WHOLE = "all";

const frame = document.querySelector(".sky");
const plot = document.getElementById("sky");
let map, survey, marks; // the map's plot, and what sky.js brings
let view = null; // { projection, x, y, width }, or WHOLE until one looks elsewhere
let isDrawing = false;

// --- what the server sends ---

const ARRAYS = { f8: Float64Array, f4: Float32Array, i4: Int32Array };
function decoded({ dtype, bdata }) {
  const bytes = Uint8Array.from(atob(bdata), (letter) => letter.charCodeAt(0));
  return new ARRAYS[dtype](bytes.buffer);
}

function surveyFrom({ ra, dec, rows, edge, plane, middle, extent }) {
  const known = rows && decoded(rows);
  return {
    ra: decoded(ra),
    dec: decoded(dec),
    edge: edge.map(decoded),
    plane: plane.map(decoded),
    middle,
    extent,
    pointOf: known ? new Map(Array.from(known, (row, i) => [row, i])) : null,
  };
}

// --- where one looks ---

const ratio = () => plot.clientHeight / plot.clientWidth;
const wholeProjection = () => ({ kind: "AIT", ra: survey.middle, dec: 0 });

function whole(shape = ratio()) {
  const width = 2.04 * AIT_HALF_WIDTH * Math.max(1, 0.5 / shape);
  return { projection: wholeProjection(), x: 0, y: 0, width };
}

function tangentAt(ra, dec, width) {
  return { projection: { kind: "TAN", ra, dec }, x: 0, y: 0, width };
}

// The tangent plane touches in the middle of what is seen, and only where that is little.
function settled({ projection, x, y, width }) {
  const middle = unproject(projection, x, y);
  if (projection.kind === "TAN" && width <= TO_WHOLE) {
    return tangentAt(...middle, Math.max(width, LEAST_WIDTH));
  }
  if (width < TO_TANGENT && middle) {
    return tangentAt(...middle, width);
  }
  const most = whole();
  if (width >= most.width * 0.98) {
    return most;
  }
  if (projection.kind === "AIT") {
    return { projection, x, y, width };
  }
  const at = project(most.projection, [middle[0]], [middle[1]]);
  return { projection: most.projection, x: at.x[0], y: at.y[0], width };
}

const current = (shape) => (view === WHOLE || view === null ? whole(shape) : view);

function look(next) {
  view = next === WHOLE ? WHOLE : settled(next);
  draw();
}

function zoomed(by) {
  const now = current();
  return { ...now, width: now.width * by };
}

function moved(right, up) {
  const now = current();
  return { ...now, x: now.x - (right * now.width) / 5, y: now.y + (up * now.width) / 5 };
}

function aroundQuery() {
  const { ra, dec } = marks.query;
  if (ra.length === 0) {
    return WHOLE; // a picture of one's own has no place
  }
  const apart = separations([ra[0], dec[0]], survey.ra, survey.dec).sort();
  const others = separations([ra[0], dec[0]], ra, dec);
  const farthest = Math.max(apart[Math.min(NEAREST, apart.length - 1)], ...others);
  const width = (2.4 * farthest) / Math.min(1, ratio());
  return { ...tangentAt(ra[0], dec[0], Math.max(width, 0.02)) };
}

const STEPS = {
  closer: () => zoomed(1 / 2),
  farther: () => zoomed(2),
  query: aroundQuery,
  survey: () => tangentAt(...survey.extent),
  all: () => WHOLE,
};
const KEYS = {
  "+": STEPS.closer,
  "=": STEPS.closer,
  "-": STEPS.farther,
  "−": STEPS.farther,
  0: STEPS.all,
  ArrowLeft: () => moved(-1, 0),
  ArrowRight: () => moved(1, 0),
  ArrowUp: () => moved(0, 1),
  ArrowDown: () => moved(0, -1),
};

// --- drawing, and what happens there ---

let drawnAt = "";
const sizeNow = () => `${plot.clientWidth} x ${plot.clientHeight}`;

function draw() {
  if (plot.clientWidth === 0) {
    return; // the map is seen
  }
  drawnAt = sizeNow();
  const seen = { ...current() };
  seen.height = seen.width * ratio();
  seen.widthPx = plot.clientWidth;
  const { data, layout, shows } = figureOf(seen, survey, marks, map);
  layout.dragmode = plot.layout?.dragmode ?? "pan";
  isDrawing = true;
  window.Plotly.react(plot, data, layout, CONFIG);
  isDrawing = false;
  say(seen, shows);
  remember();
}

function say(seen, shows) {
  const scale = scaleOf(seen);
  const bar = frame.querySelector(".sky-scale");
  bar.hidden = scale === null;
  bar.style.width = scale ? `${scale.px}px` : "";
  bar.textContent = scale?.words ?? "";
  frame.querySelector(".sky-words").textContent = wordsOf(seen, shows);
}

// What of the map the sky has been drawn with.
let former = [];
function parts() {
  const { galaxies, leftOut, region } = map.layout.meta.traces;
  const { y, marker } = map.data[galaxies];
  return [y, marker.color, marker.colorscale, map.data[leftOut].marker.color, map.data[region].line.color];
}
function remember() {
  former = parts();
}

function asOnMap({ curveNumber, pointNumber, customdata, bbox }) {
  const trace = map.layout.meta.traces[OF_MAP[curveNumber]];
  const { x, y } = window.galaxyFinder.tracesOf(map)[trace];
  const box = bbox && {
    x0: bbox.x0 + plot.offsetLeft,
    x1: bbox.x1 + plot.offsetLeft,
    y0: bbox.y0 + plot.offsetTop,
    y1: bbox.y1 + plot.offsetTop,
  };
  const place = { x: x[pointNumber], y: y[pointNumber] };
  return { curveNumber: trace, pointNumber, customdata, bbox: box, ...place };
}

function tellMap(property, event) {
  const point = event?.points?.find(({ curveNumber }) => curveNumber in OF_MAP);
  const told = point ? { points: [asOnMap(point)] } : null;
  window.dash_clientside.set_props("map", { [property]: told });
}

function viewOf({ projection }) {
  return [projection.kind, projection.ra, projection.dec];
}

function select(event) {
  const { lassoPoints: lasso, range } = event ?? {};
  if (lasso || range) {
    const places = lasso ? lasso.x.map((x, i) => [x, lasso.y[i]]) : corners(range.x, range.y);
    window.galaxyFinder.ask("region", { places, view: viewOf(current()) });
    window.setTimeout(draw); // without what plotly keeps of it
  }
}

function corners([one, other], [bottom, top]) {
  return [
    [one, bottom],
    [other, bottom],
    [other, top],
    [one, top],
  ];
}

function hasMoved(change) {
  if (isDrawing || !Object.keys(change).some((name) => name.startsWith("xaxis.range"))) {
    return;
  }
  const [left, right] = plot.layout.xaxis.range;
  const [bottom, top] = plot.layout.yaxis.range;
  const { projection } = current();
  look({ projection, x: (left + right) / 2, y: (bottom + top) / 2, width: left - right });
}

function listen() {
  plot.on("plotly_relayout", hasMoved);
  plot.on("plotly_click", (event) => tellMap("clickData", event));
  plot.on("plotly_hover", (event) => tellMap("hoverData", event));
  plot.on("plotly_unhover", () => tellMap("hoverData", null));
  plot.on("plotly_selected", select);
  plot.on("plotly_doubleclick", () => look(WHOLE));
  map.on("plotly_afterplot", function () {
    if (parts().some((part, i) => part !== former[i])) {
      draw();
    }
  });
  new ResizeObserver(function () {
    if (sizeNow() !== drawnAt) {
      window.requestAnimationFrame(draw);
    }
  }).observe(plot);
  frame.addEventListener("click", function (event) {
    const step = event.target.closest?.("button[data-sky-step]")?.dataset.skyStep;
    if (step) {
      look(STEPS[step]());
    }
  });
  plot.addEventListener("keydown", function (event) {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (isPlain && event.key in KEYS) {
      event.preventDefault();
      look(KEYS[event.key]());
    }
  });
}

// --- what sky.js offers to the others ---

export function show(mapPlot, surveySent, marksSent) {
  const isFirst = !map;
  map = mapPlot;
  survey ??= surveyFrom(surveySent);
  marks = marksSent;
  view ??= WHOLE;
  draw();
  if (isFirst) {
    listen();
  }
}

// What is in view, as a region to select.
export function inView() {
  const { xaxis, yaxis } = plot.layout;
  return { places: corners(xaxis.range, yaxis.range), view: viewOf(current()) };
}

// For a picture of this many px: what sky_paper.js makes of the view.
export function forPaper(widthPx, heightPx) {
  const shape = heightPx / widthPx;
  const seen = { ...current(shape), widthPx };
  seen.height = seen.width * shape;
  return onPaper(figureOf(seen, survey, marks, map), seen, map.layout.meta, scaleOf(seen));
}

// Where a galaxy is drawn; null where it is not.
export function pixelsOf(row) {
  const { projection } = current();
  const point = survey.pointOf ? survey.pointOf.get(row) : row;
  const from = [
    [survey, point],
    ...[marks.neighbours, marks.nearby].map((one) => [one, one.rows.indexOf(row)]),
  ].find(([one, i]) => i !== undefined && i >= 0 && i < one.ra.length);
  if (!from) {
    return null;
  }
  const [{ ra, dec }, i] = from;
  const { x, y } = project(projection, [ra[i]], [dec[i]]);
  const at = Number.isNaN(x[0]) ? null : window.galaxyFinder.pixelsOf(plot, [x[0], y[0]]);
  return at && { ...at, left: at.left + plot.offsetLeft, top: at.top + plot.offsetTop };
}
