// What a map of very many has below its points, and all galaxies of the view: drawn by a module that
// only such a map loads (assets/tiles_view.js).

(function () {
  "use strict";

  window.dash_clientside = window.dash_clientside || {};

  let module = null;

  async function follow(page) {
    if (!page) {
      return;
    }
    try {
      module ??= await import(document.querySelector(".map-tiles").dataset.script);
      module.follow(await window.galaxyFinder.mapDrawn(), page);
    } catch (error) {
      console.error(error); // the points are there without it
    }
  }

  function show() {
    return module ? module.inView() : window.dash_clientside.no_update;
  }

  // For a picture: null where there is nothing, or nobody has drawn it.
  window.galaxyFinder.tilesOnPaper = (scale) => module?.onPaper(scale) ?? null;
  window.dash_clientside.tiles = { follow, show };
})();
