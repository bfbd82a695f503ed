// The map of very many, as it is moved: pictures of tiles on a canvas below plotly's points, and as
// soon as few enough are in view all of them as points (the trace inView of the figure).

import { around, countIn, levelOf, placeOf, tilesIn } from "./tiles_plan.js";
import { Tiles } from "./tiles_fetched.js";
import { coloursOf, painted, positionOf, SIDE } from "./tiles_painted.js";

const REST_MS = 120; // after a movement, before points are drawn
const FETCH_MS = 150; // while moving
const AHEAD_MS = 500; // that a figure is at most ahead of its page
const LEVELS_UP = 5; // above a tile that has not come, whose picture is shown in its place
const FINER = 3; // levels, of tiles of galaxies, where most of larger ones would be out of view
const ROOM = 1.6; // how many more galaxies than in view may be fetched

const frame = document.querySelector(".map-tiles");
const canvas = frame.appendChild(document.createElement("canvas"));
canvas.setAttribute("aria-hidden", "true");
let plot = null;
let map = null; // what the figure says of tiles
let tiles = null; // of the look at work
let former = null; // shown, in its own colours, until the pictures of a new look are there
let [colours, formerColours] = [null, null];
let [scaleSeen, titleSeen] = ["", ""]; // of the figure: what it is coloured by
let isAhead = false; // the figure has the colours of a page that is still to come
const pictures = new WeakMap(); // what was painted of a tile, and in which colours

// --- the canvas ---

function pictureOf(data, isAll, palette) {
  const name = isAll ? "all" : "leftOut";
  if (pictures.get(data)?.palette !== palette) {
    pictures.set(data, { palette });
  }
  const kept = pictures.get(data);
  kept[name] ??= painted(data, palette, isAll);
  return kept[name];
}

// The picture of a tile, or of the part of one above it, or those of the four below it.
function partsOf(source, tile) {
  for (let up = 0; up <= Math.min(LEVELS_UP, tile.z); up += 1) {
    const above = { z: tile.z - up, x: tile.x >> up, y: tile.y >> up };
    const data = source.has("picture", above);
    if (data) {
      return [{ data, of: above, tile }];
    }
  }
  return [0, 1, 2, 3].flatMap(function (i) {
    const below = { z: tile.z + 1, x: 2 * tile.x + (i & 1), y: 2 * tile.y + (i >> 1) };
    const data = source.has("picture", below);
    return data ? [{ data, of: below, tile: below }] : [];
  });
}

function paint(context, view, source, scale, isAll, palette) {
  const at = (place, [from, to], length) =>
    Math.round(((place - from) / (to - from)) * length * scale);
  for (const tile of tilesIn(view, pictureLevel(view), map)) {
    for (const { data, of, tile: shown } of partsOf(source, tile)) {
      if (!data.full) {
        continue;
      }
      const place = placeOf(shown, map);
      const [left, right] = place.x.map((x) => at(x, view.x, view.width));
      const [bottom, top] = place.y.map((y) => at(y, view.y, view.height));
      const side = SIDE / 2 ** (shown.z - of.z);
      const fromLeft = (shown.x - of.x * 2 ** (shown.z - of.z)) * side;
      const fromTop = SIDE - side - (shown.y - of.y * 2 ** (shown.z - of.z)) * side;
      const height = Math.round(view.height * scale);
      context.drawImage(
        pictureOf(data, isAll, palette),
        ...[fromLeft, fromTop, side, side],
        ...[left, height - top, right - left, top - bottom],
      );
    }
  }
}

const pictureLevel = (view) => levelOf(view, map.side, map.deepest.picture);

function draw() {
  const view = window.galaxyFinder.viewOf(plot);
  if (!view || !tiles || isAhead) {
    return;
  }
  const scale = window.devicePixelRatio;
  const { left, top, width, height } = view;
  const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== w || canvas.height !== h) {
    [canvas.width, canvas.height] = [w, h];
  }
  Object.assign(canvas.style, {
    left: `${left}px`,
    top: `${top}px`,
    width: `${width}px`,
    height: `${height}px`,
  });
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, w, h);
  const source = former ?? tiles;
  const covered = former ? null : points.covers;
  if (!covered) {
    paint(context, view, source, scale, true, former ? formerColours : colours);
    return;
  }
  // Where every galaxy is a point, only what the filters leave out is a picture.
  const x = covered.x.map((one) => ((one - view.x[0]) / (view.x[1] - view.x[0])) * w);
  const y = covered.y.map((one) => h - ((one - view.y[0]) / (view.y[1] - view.y[0])) * h);
  for (const isInside of [true, false]) {
    context.save();
    context.beginPath();
    if (!isInside) {
      context.rect(0, 0, w, h);
    }
    context.rect(x[0], y[1], x[1] - x[0], y[0] - y[1]);
    context.clip("evenodd");
    paint(context, view, source, scale, !isInside, colours);
    context.restore();
  }
}

let isDue = false;
function drawSoon() {
  if (!isDue) {
    isDue = true;
    window.requestAnimationFrame(function () {
      isDue = false;
      draw();
    });
  }
}

// --- what is fetched ---

const NONE = { x: [], y: [], color: [], rows: [], covers: null, key: "" };
let points = NONE;

function countOf(rectangle, shown) {
  let n = 0;
  for (const tile of shown) {
    n += countIn(rectangle, tile, tiles.has("picture", tile).blocks, map);
  }
  return n;
}

// The tiles that have all galaxies of the view, with as little else as can be.
function tilesOfGalaxies(view, shown) {
  const least = levelOf(view, map.side, map.deepest.galaxies);
  for (let z = least; ; z += 1) {
    const found = tilesIn(view, z, map);
    const isLast = z === least + FINER || z === map.deepest.galaxies;
    if (isLast || countOf(around(found, map), shown) <= ROOM * map.mostPoints) {
      return found;
    }
  }
}

function fetchWanted() {
  const view = window.galaxyFinder.viewOf(plot);
  if (!view || window.galaxyFinder.sky.isSeen()) {
    return;
  }
  const shown = tilesIn(view, pictureLevel(view), map);
  const isAll = tiles.want("picture", shown);
  if (isAll) {
    former = null;
  }
  drawSoon();
  if (!isAll || isMoving) {
    return;
  }
  if (countOf(view, shown) > map.mostPoints) {
    tiles.want("galaxies", []);
    showPoints(NONE);
    return;
  }
  const wanted = tilesOfGalaxies(view, shown);
  if (tiles.want("galaxies", wanted)) {
    showPoints(pointsOf(wanted));
  }
}

function pointsOf(wanted) {
  const key = wanted.map((tile) => Tiles.nameOf(tiles.search, tile)).join();
  if (key === points.key) {
    return points;
  }
  const found = wanted.map((tile) => tiles.has("galaxies", tile));
  const n = found.reduce((sum, { rows }) => sum + rows.length, 0);
  const [x, y, color] = [1, 2, 3].map(() => new Float32Array(n));
  const rows = [];
  for (const one of found) {
    x.set(one.x, rows.length);
    y.set(one.y, rows.length);
    color.set(Float32Array.from(one.place, positionOf), rows.length);
    rows.push(...one.rows);
  }
  return { x, y, color, rows, covers: around(wanted, map), key };
}

let n = 0;
function showPoints(wanted) {
  if (wanted.key === points.key) {
    return;
  }
  points = wanted;
  drawSoon();
  window.galaxyFinder.whenReleased(function () {
    n += 1;
    window.dash_clientside.set_props("map-in-view", { data: n });
  });
}

// What changes of the figure.
export function inView() {
  const { inView: trace } = plot.layout.meta.traces;
  const patch = new window.dash_clientside.Patch();
  const size = Math.min(9, Math.max(2.5, 28 * Math.max(points.rows.length, 1) ** -0.2));
  for (const [place, value] of [
    [["x"], points.x],
    [["y"], points.y],
    [["customdata"], points.rows],
    [["marker", "color"], points.color],
    [["marker", "size"], size],
  ]) {
    patch.assign(["data", trace, ...place], value);
  }
  return patch.build();
}

// --- when it moves, and when the page shows something else ---

let isMoving = false;
let [rest, fetchedAt] = [0, 0];
function moves() {
  isMoving = true;
  drawSoon();
  window.clearTimeout(rest);
  rest = window.setTimeout(function () {
    isMoving = false;
    fetchWanted();
  }, REST_MS);
  if (performance.now() - fetchedAt > FETCH_MS) {
    fetchedAt = performance.now();
    fetchWanted();
  }
}

function drawn() {
  const { traces, legend } = plot.layout.meta;
  const { colorscale } = plot.data[traces.galaxies].marker;
  const scale = JSON.stringify(colorscale);
  if (scale !== scaleSeen) {
    const isOther = titleSeen !== "" && legend.title !== titleSeen && former === null;
    if (isOther) {
      [isAhead, formerColours] = [true, colours];
      window.setTimeout(() => (isAhead = false), AHEAD_MS);
    } else if (legend.title === titleSeen) {
      formerColours = coloursOf(colorscale); // another theme
    }
    [scaleSeen, titleSeen, colours] = [scale, legend.title, coloursOf(colorscale)];
  }
  moves();
}

// Of a page's address what makes another picture: what it is coloured and filtered by.
function searchOf({ address, colour }) {
  const said = new URLSearchParams(address);
  const isOfQuery = colour === "~similarity" || said.has("f.~similarity");
  const kept = [...said].filter(
    ([name]) => name !== "colour" && (isOfQuery || name === "region" || name.startsWith("f.")),
  );
  return new URLSearchParams([["v", map.version], ["colour", colour], ...kept]).toString();
}

export function follow(plotDrawn, page) {
  if (plot !== plotDrawn) {
    plot = plotDrawn;
    map = plot.layout.meta.tiles;
    plot.on("plotly_relayouting", moves);
    plot.on("plotly_relayout", moves);
    plot.on("plotly_afterplot", drawn);
  }
  const search = searchOf(page);
  if (tiles?.search === search) {
    moves(); // the sky may have been in its place
    return;
  }
  tiles?.stop();
  if (tiles && !former) {
    former = tiles;
    formerColours = isAhead ? formerColours : colours;
  }
  isAhead = false;
  tiles = new Tiles(map.address, search, fetchWanted);
  showPoints(NONE); // whose colours would be of another scale
  drawn();
}

// The pictures in view, in the colours of a scale, for a figure that plotly draws.
export function onPaper(scale) {
  const view = window.galaxyFinder.viewOf(plot);
  const paper = document.createElement("canvas");
  [paper.width, paper.height] = [2 * Math.round(view.width), 2 * Math.round(view.height)];
  const isAll = points.covers === null;
  paint(paper.getContext("2d"), view, tiles, 2, isAll, coloursOf(scale));
  return { source: paper.toDataURL(), x: view.x, y: view.y };
}
