// Which tiles are in view, and how many galaxies: numbers only. A view is where the map is drawn, in
// px, and what of it: { left, top, width, height, x: [from, to], y: [from, to] }.

const TILE_PX = 215; // at least, of the longer side; twice as much at most

// The level at which tiles are neither coarse nor many.
export function levelOf(view, side, deepest) {
  const [x, y] = [view.width / (view.x[1] - view.x[0]), view.height / (view.y[1] - view.y[0])];
  const level = Math.floor(Math.log2((side * Math.max(x, y)) / TILE_PX));
  return Math.max(0, Math.min(level, deepest));
}

// The tiles of a level that a view has a part of; what lies outside belongs to the edge.
export function tilesIn({ x, y }, z, { least, side }) {
  const n = 2 ** z;
  const at = (value) => Math.max(0, Math.min(n - 1, Math.floor(((value - least) / side) * n)));
  const found = [];
  for (let line = at(y[0]); line <= at(y[1]); line += 1) {
    for (let column = at(x[0]); column <= at(x[1]); column += 1) {
      found.push({ z, x: column, y: line });
    }
  }
  return found;
}

export function placeOf(tile, { least, side }) {
  const width = side / 2 ** tile.z;
  const [left, bottom] = [least + tile.x * width, least + tile.y * width];
  return { x: [left, left + width], y: [bottom, bottom + width] };
}

// The smallest rectangle around some tiles.
export function around(tiles, map) {
  const places = tiles.map((tile) => placeOf(tile, map));
  const ends = (axis) => [
    Math.min(...places.map((place) => place[axis][0])),
    Math.max(...places.map((place) => place[axis][1])),
  ];
  return { x: ends("x"), y: ends("y") };
}

const overlap = (one, other) =>
  Math.max(0, Math.min(one[1], other[1]) - Math.max(one[0], other[0]));

// About how many galaxies a rectangle has: of blocks that it has a part of, their share. `blocks` are
// 8 x 8 numbers of a tile, from above.
export function countIn({ x, y }, tile, blocks, map) {
  const place = placeOf(tile, map);
  const width = (place.x[1] - place.x[0]) / 8;
  const share = (wanted, low) => overlap(wanted, [low, low + width]) / width;
  let n = 0;
  for (let line = 0; line < 8; line += 1) {
    const high = share(y, place.y[1] - (line + 1) * width);
    for (let column = 0; high > 0 && column < 8; column += 1) {
      n += blocks[8 * line + column] * high * share(x, place.x[0] + column * width);
    }
  }
  return n;
}
