// The sky in the place of the map: asked for while it is seen, and drawn by a module that is loaded
// when it first is (assets/sky_view.js).

(function () {
  "use strict";

  window.dash_clientside = window.dash_clientside || {};

  const unchanged = () => window.dash_clientside.no_update;

  let isSeen = false;
  let isAwaited = false; // where the query is
  let module = null;

  // Who looks at the map does not wait for the sky.
  function ask(shown, page, wanted, asked) {
    const now = page && { atlas: page.atlas, query: page.query };
    if (shown !== "sky" || !now) {
      return [unchanged(), unchanged()];
    }
    const isAsked = JSON.stringify(now) === JSON.stringify(asked);
    isAwaited ||= !isAsked;
    return [wanted ? unchanged() : true, isAsked ? unchanged() : now];
  }

  async function show(survey, query, shown) {
    isSeen = shown === "sky";
    const { triggered } = window.dash_clientside.callback_context;
    isAwaited &&= !triggered.some(({ prop_id: name }) => name === "sky-query.data");
    if (!isSeen || isAwaited || !survey || !query) {
      return;
    }
    const frame = document.querySelector(".sky");
    try {
      const loaded = module ?? (await import(frame.dataset.script));
      loaded.show(await window.galaxyFinder.mapDrawn(), survey, query);
      module = loaded;
    } catch (error) {
      console.error(error);
      frame.querySelector(".sky-words").textContent =
        "The sky could not be drawn. Reload the page, or choose Similarity.";
    }
  }

  window.galaxyFinder.sky = {
    isSeen: () => isSeen && module !== null,
    inView: () => module.inView(),
    forPaper: (widthPx, heightPx) => module.forPaper(widthPx, heightPx),
    pixelsOf: (row) => module.pixelsOf(row),
  };
  window.dash_clientside.sky = { ask, show };
})();
