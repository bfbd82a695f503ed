// The colours of the map: their choice, and which categories the filters show.

(function () {
  "use strict";

  function askForColour(name) {
    if (window.galaxyFinder.isNews("colour", name)) {
      window.galaxyFinder.ask("colour", { name });
    }
  }

  function followColour(page) {
    const { isNews, isSettled } = window.galaxyFinder;
    const isOther = isSettled(page) && isNews("colour", page.colour);
    return isOther ? page.colour : window.dash_clientside.no_update;
  }

  function mark(page) {
    window.requestAnimationFrame(function () {
      for (const entry of document.querySelectorAll("button.legend-entry")) {
        const { column, label } = JSON.parse(entry.dataset.request).values;
        const chosen = page?.query.filters[column];
        const isChosen = Array.isArray(chosen) && chosen.includes(label);
        entry.setAttribute("aria-pressed", isChosen);
      }
    });
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    legend: { askForColour, followColour, mark },
  });
})();
