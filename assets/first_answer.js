// What the page shows first came with its document (dashboard/panels/page/first_answer.py): drawn
// into the first paint before Dash is there, and again into what Dash has drawn, in the same frame.
// The gallery is in use from the first moment: what is asked of it waits for Dash to send it.

(function () {
  "use strict";

  const written = document.getElementById("first-answer");
  const { pictureSize } = document.documentElement.dataset;
  if (!written || pictureSize) {
    return; // large pictures are others
  }
  const answer = Object.entries(JSON.parse(written.textContent));
  const first = document.querySelector(".first-paint");

  function draw(placeOf) {
    for (const [id, content] of answer) {
      const place = placeOf(id);
      if (place) {
        window.galaxyFinder.put(place, content);
      }
    }
  }

  // All around the gallery stays inert.
  function open(gallery) {
    for (let part = gallery; part !== first; part = part.parentElement) {
      for (const beside of part.parentElement.children) {
        beside.inert = beside !== part;
      }
    }
    first.inert = false;
  }

  // After the other scripts of the page, which know how to draw.
  queueMicrotask(function () {
    if (!first?.isConnected) {
      return;
    }
    draw((id) => first.querySelector(`[data-place="${id}"]`));
    const gallery = first.querySelector('[data-place="gallery"]');
    if (gallery?.querySelector("ul.cards .card")) {
      open(gallery);
    }
  });

  function takeOver() {
    const top = first?.querySelector('[data-place="gallery"]')?.scrollTop;
    draw((id) => document.getElementById(id));
    if (top) {
      document.getElementById("gallery").scrollTop = top;
    }
  }

  window.galaxyFinder.takeOver = takeOver;
})();
