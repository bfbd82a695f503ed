// Tiles as the server sends them (dashboard/map/tiles.py), kept as long as they may be wanted.

const MOST_KEPT = 200;
const AGAIN_MS = 10000; // after which what has failed may be asked for again

function pictureFrom(buffer) {
  const blocks = new Uint32Array(buffer, 0, 64);
  const n = (buffer.byteLength - blocks.byteLength) / 2;
  return {
    blocks,
    full: n ? new Uint8Array(buffer, 256, n) : null,
    place: n ? new Uint8Array(buffer, 256 + n, n) : null,
  };
}

function galaxiesFrom(buffer) {
  const n = buffer.byteLength / 13;
  return {
    rows: new Uint32Array(buffer, 0, n),
    x: new Float32Array(buffer, 4 * n, n),
    y: new Float32Array(buffer, 8 * n, n),
    place: new Uint8Array(buffer, 12 * n, n),
  };
}

const READ = { picture: pictureFrom, galaxies: galaxiesFrom };

// The tiles of one look of the map; `changed` is called when one has come.
export class Tiles {
  constructor(address, search, changed) {
    Object.assign(this, { address, search, changed });
    this.kept = new Map(); // by name, those that were asked for last at the end
    this.asked = new Map(); // what is under way, each with what stops it
    this.refused = new Set();
  }

  static nameOf = (kind, { z, x, y }) => `${kind}/${z}/${x}/${y}`;

  has(kind, tile) {
    return this.kept.get(Tiles.nameOf(kind, tile)) ?? null;
  }

  // Have these, and nothing else of their kind; returns whether all are there.
  want(kind, tiles) {
    const names = new Set(tiles.map((tile) => Tiles.nameOf(kind, tile)));
    for (const [name, stop] of this.asked) {
      if (name.startsWith(kind) && !names.has(name)) {
        stop.abort();
        this.asked.delete(name);
      }
    }
    let isAll = true;
    for (const name of names) {
      const found = this.kept.get(name);
      if (found) {
        this.kept.delete(name);
        this.kept.set(name, found);
      } else {
        isAll = false;
        if (!this.asked.has(name) && !this.refused.has(name)) {
          this.ask(kind, name);
        }
      }
    }
    for (const name of [...this.kept.keys()].slice(0, Math.max(0, this.kept.size - MOST_KEPT))) {
      if (!names.has(name)) {
        this.kept.delete(name);
      }
    }
    return isAll;
  }

  async ask(kind, name) {
    const stop = new AbortController();
    this.asked.set(name, stop);
    try {
      const answer = await fetch(`${this.address}/${name}?${this.search}`, { signal: stop.signal });
      if (!answer.ok) {
        throw new Error(`${answer.status} ${name}`);
      }
      this.kept.set(name, READ[kind](await answer.arrayBuffer()));
    } catch (error) {
      if (error.name !== "AbortError") {
        this.refused.add(name); // the browser has said why
        window.setTimeout(() => this.refused.delete(name), AGAIN_MS);
      }
    }
    if (this.asked.get(name) === stop) {
      this.asked.delete(name);
      this.changed();
    }
  }

  stop() {
    this.changed = () => {};
    for (const stop of this.asked.values()) {
      stop.abort();
    }
    this.asked.clear();
  }
}
