// A view of the sky as a figure of plotly: colours, filters and rings are those of the map.

import { graticule } from "./sky_graticule.js";
import { project, projectLines, unproject } from "./sky_projections.js";

// What can be pointed at, by trace of this figure: its name among the traces of the map.
export const OF_MAP = { 3: "galaxies", 4: "nearby" };

function colourOf(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

const SMALLER = 0.6; // than on the map, where the whole sky has little room

// #rrggbb, or #rgb, as a colour that lets through a little of what is below.
function veil(hex) {
  const digits = hex.length === 4 ? [...hex.slice(1)].map((one) => one + one).join("") : hex.slice(1);
  const [red, green, blue] = [0, 2, 4].map((i) => parseInt(digits.slice(i, i + 2), 16));
  return `rgba(${red}, ${green}, ${blue}, 0.85)`;
}

const lines = ({ x, y }, line) => ({
  type: "scattergl",
  mode: "lines",
  hoverinfo: "skip",
  x,
  y,
  line,
});
const markers = ({ x, y }, marker, others = {}) => ({
  type: "scattergl",
  mode: "markers",
  hoverinfo: "skip",
  x,
  y,
  marker,
  ...others,
});

// Those that the filters leave out have no place on the map.
function byFilters(places, placesOnMap) {
  const [y, left] = [Float64Array.from(places.y), Float64Array.from(places.y)];
  let isAny = false;
  for (let i = 0; i < y.length; i += 1) {
    if (Number.isNaN(placesOnMap[i])) {
      y[i] = NaN;
      isAny = true;
    } else {
      left[i] = NaN;
    }
  }
  return [
    { x: places.x, y },
    isAny ? { x: places.x, y: left } : { x: [], y: [] },
  ];
}

// The sides of a region as they were drawn: straight on the plane of that view.
function outline(projection, region) {
  if (!region) {
    return { x: [], y: [] };
  }
  const [kind, ra, dec] = region.view;
  const [ras, decs] = [[], []];
  region.places.forEach(function ([x0, y0], i) {
    const [x1, y1] = region.places[(i + 1) % region.places.length];
    for (let step = 0; step <= 16; step += 1) {
      const share = step / 16;
      const at = unproject({ kind, ra, dec }, x0 + share * (x1 - x0), y0 + share * (y1 - y0));
      ras.push(at ? at[0] : NaN);
      decs.push(at ? at[1] : NaN);
    }
  });
  return projectLines(projection, ras, decs);
}

const ANCHORS = {
  middle: { xanchor: "center", yanchor: "top", yshift: 0 },
  edge: { xanchor: "left", yanchor: "middle", xshift: 2 },
  bottom: { xanchor: "center", yanchor: "bottom", yshift: 0 },
  left: { xanchor: "left", yanchor: "bottom", xshift: 2 },
};

function annotations(labels, colour) {
  const bgcolor = veil(colourOf("--ground"));
  return labels.map(({ x, y, text, side }) => ({
    ...ANCHORS[side],
    x,
    y,
    text,
    showarrow: false,
    font: { size: 11, color: colour },
    bgcolor,
    borderpad: 0,
    captureevents: false,
  }));
}

function rings(projection, { ra, dec }, ofMap) {
  const { symbol, size, color, line } = ofMap.marker;
  return markers(project(projection, ra, dec), { symbol, size, color, line });
}

function isIn({ x, y, width, height }, line) {
  return line.x.some(
    (one, i) => Math.abs(one - x) < width / 2 && Math.abs(line.y[i] - y) < height / 2,
  );
}

export function figureOf(view, survey, marks, map) {
  const { projection, x, y, width, height } = view;
  const { traces } = map.layout.meta;
  const drawn = window.galaxyFinder.tracesOf(map);
  const { opacity, cmin, cmax, color, colorscale, size: onMap } = drawn[traces.galaxies].marker;
  const size = projection.kind === "AIT" ? Math.max(2, SMALLER * onMap) : onMap;
  const nearby = drawn[traces.nearby].marker?.color; // without points there is none
  const [galaxies, leftOut] = byFilters(
    project(projection, survey.ra, survey.dec),
    drawn[traces.galaxies].y ?? [],
  );
  const coloured = { size, opacity, cmin, cmax, colorscale, line: { width: 0 } };
  const { lines: net, labels } = graticule(view);
  const quiet = colourOf("--text-quiet");
  const plane = projectLines(projection, ...survey.plane);
  const edge = projectLines(projection, ...survey.edge);
  const pointed = { hoverinfo: "none" };
  return {
    data: [
      lines(net, { color: colourOf("--line"), width: 1 }),
      lines(plane, { color: colourOf("--accent"), width: 1.5 }),
      markers(leftOut, { size, opacity: 0.5, color: map.data[traces.leftOut].marker.color }),
      markers(galaxies, { ...coloured, color }, pointed),
      markers(
        project(projection, marks.nearby.ra, marks.nearby.dec),
        { ...coloured, color: nearby?.length === marks.nearby.rows.length ? nearby : cmin },
        { ...pointed, customdata: marks.nearby.rows },
      ),
      lines(edge, { color: quiet, width: 1 }),
      rings(projection, marks.neighbours, map.data[traces.neighbours]),
      rings(projection, marks.query, map.data[traces.query]),
      rings(projection, marks.negatives, map.data[traces.negatives]),
      {
        ...lines(outline(projection, marks.region), map.data[traces.region].line),
        type: "scatter",
      },
    ],
    layout: {
      template: {},
      xaxis: { visible: false, range: [x + width / 2, x - width / 2], autorange: false },
      yaxis: {
        visible: false,
        range: [y - height / 2, y + height / 2],
        autorange: false,
        scaleanchor: "x",
      },
      margin: { l: 0, r: 0, t: 0, b: 0 },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: getComputedStyle(document.body).fontFamily },
      showlegend: false,
      hovermode: "closest",
      hoverdistance: 12,
      clickmode: "event",
      selections: [],
      newselection: map.layout.newselection,
      modebar: { bgcolor: "rgba(0,0,0,0)" },
      annotations: annotations(labels, quiet),
    },
    shows: { plane: isIn(view, plane), edge: isIn(view, edge) },
  };
}
