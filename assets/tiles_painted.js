// Pictures of tiles in the colours of a scale of plotly's, as the points have them.

export const SIDE = 256;
const LEFT_OUT = 128; // on top of how full a cell is, where the filters let none of it pass
const FULL = 127;
const [LEAST, UNKNOWN] = [0.15, -0.1]; // how much of a single galaxy is seen; of figure.py
const FAINTER = 0.55; // what the filters leave out

function rgbOf(colour) {
  if (colour.startsWith("#")) {
    return [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
  }
  return colour.match(/[\d.]+/g).slice(0, 3).map(Number);
}

// The colours of all places on a scale: of bytes, 0 for what is not known.
export function coloursOf(scale) {
  const stops = scale.map(([at, colour]) => [at, rgbOf(colour)]);
  const colours = new Uint8Array(3 * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    const at = byte === 0 ? 0 : ((byte - 1) / 254 - UNKNOWN) / (1 - UNKNOWN);
    const above = stops.findIndex(([stop], i) => stop > at || i === stops.length - 1);
    const [[low, from], [high, to]] = [stops[Math.max(above - 1, 0)], stops[above]];
    const share = high > low ? Math.min(1, Math.max(0, (at - low) / (high - low))) : 1;
    for (let part = 0; part < 3; part += 1) {
      colours[3 * byte + part] = Math.round(from[part] + share * (to[part] - from[part]));
    }
  }
  return colours;
}

// A tile as a canvas: of all galaxies, or only those that the filters leave out.
export function painted({ full, place }, colours, isAll) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  const context = canvas.getContext("2d");
  const image = context.createImageData(SIDE, SIDE);
  const { data } = image;
  for (let cell = 0; cell < full.length; cell += 1) {
    const isLeftOut = full[cell] >= LEFT_OUT;
    if (full[cell] === 0 || !(isAll || isLeftOut)) {
      continue;
    }
    const steps = isLeftOut ? full[cell] - LEFT_OUT : full[cell];
    const at = 3 * (isLeftOut ? 0 : place[cell]);
    data[4 * cell] = colours[at];
    data[4 * cell + 1] = colours[at + 1];
    data[4 * cell + 2] = colours[at + 2];
    data[4 * cell + 3] = 255 * (isLeftOut ? FAINTER : 1) * (LEAST + (1 - LEAST) * (steps / FULL));
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

export const positionOf = (byte) => (byte === 0 ? UNKNOWN : (byte - 1) / 254);
