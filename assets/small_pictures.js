// Small pictures for a gallery, many in one answer: dashboard/pictures/sheet.py. Each is shown as
// soon as it has come; where one does not come, its own address takes its place.

(function () {
  "use strict";

  const A_SHEET = 25; // pictures; MOST_ROWS of the server
  const MOST_KEPT = 500;
  const LENGTH_BYTES = 4;
  const kept = new Map(); // by its own address: the one of the small picture, promised

  function joined(one, other) {
    const both = new Uint8Array(one.length + other.length);
    both.set(one);
    both.set(other, one.length);
    return both;
  }

  async function* picturesOf(address) {
    const answer = await fetch(address);
    if (!answer.ok) {
      throw new Error(answer.status);
    }
    const reader = answer.body.getReader();
    let rest = new Uint8Array();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      rest = joined(rest, value);
      while (rest.length >= LENGTH_BYTES) {
        const end = LENGTH_BYTES + new DataView(rest.buffer, rest.byteOffset).getUint32(0);
        if (rest.length < end) {
          break;
        }
        yield rest.subarray(LENGTH_BYTES, end);
        rest = rest.subarray(end);
      }
    }
  }

  // What failed is not kept: it is asked for again when it is next shown.
  async function fetchSheet(address, waiting) {
    try {
      for await (const picture of picturesOf(address)) {
        const [url, done] = waiting.shift();
        if (picture.length) {
          done(URL.createObjectURL(new Blob([picture], { type: "image/jpeg" })));
        } else {
          kept.delete(url);
          done(url);
        }
      }
    } catch (_error) {
      // those that have not come are below
    }
    for (const [url, done] of waiting) {
      kept.delete(url);
      done(url);
    }
  }

  async function forget(url) {
    const address = kept.get(url);
    kept.delete(url);
    URL.revokeObjectURL(await address);
  }

  function fetchSmallPictures(sheet, galaxies) {
    const wanted = galaxies.filter(({ url }) => !kept.has(url));
    for (let start = 0; start < wanted.length; start += A_SHEET) {
      const some = wanted.slice(start, start + A_SHEET);
      const waiting = some.map(function ({ url }) {
        let done;
        kept.set(url, new Promise((resolve) => (done = resolve)));
        return [url, done];
      });
      fetchSheet(sheet + some.map(({ row }) => row).join(), waiting);
    }
    const shown = new Set(galaxies.map(({ url }) => url));
    const others = [...kept.keys()].filter((url) => !shown.has(url));
    others.slice(0, Math.max(0, kept.size - MOST_KEPT)).forEach(forget);
  }

  Object.assign(window.galaxyFinder, {
    fetchSmallPictures,
    smallPicture: (url) => kept.get(url) ?? Promise.resolve(url),
  });
})();
