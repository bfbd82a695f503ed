// How pictures look: remembered by the browser, applied without the server. assets/early.js applies
// it before the first paint.

(function () {
  "use strict";

  // As dashboard/panels/query/options.py has them.
  const first = () => JSON.parse(document.getElementById("options-reset").dataset.preferences);

  function keepPreferences(remembered, size, crosshair) {
    const { triggered } = window.dash_clientside.callback_context;
    const has = (prop) => triggered.some(({ prop_id }) => prop_id === prop);
    let wanted = { size, crosshair };
    if (has("options-reset.n_clicks")) {
      wanted = first();
    } else if (has("preferences.data")) {
      wanted = { ...first(), ...remembered };
    }
    apply(wanted);
    return [wanted, wanted.size, wanted.crosshair];
  }

  const sizeNow = () => document.documentElement.dataset.pictureSize;

  function apply({ size, crosshair }) {
    const { dataset, style } = document.documentElement;
    const former = sizeNow();
    if (size === first().size) {
      delete dataset.pictureSize;
    } else {
      dataset.pictureSize = size;
      style.setProperty("--card", `${size}px`);
    }
    if (crosshair) {
      dataset.crosshair = "";
    } else {
      delete dataset.crosshair;
    }
    if (sizeNow() !== former && window.galaxyFinder.hasBegun()) {
      window.galaxyFinder.ask("size");
    }
  }

  // --- which neighbours count ---

  const CONTROLS = { "apart-slider": "separation", "apart-field": "separation", order: "order" };

  function ask(slider, field, order) {
    const values = { "apart-slider": slider, "apart-field": field, order };
    for (const { prop_id } of window.dash_clientside.callback_context.triggered) {
      const id = prop_id.split(".")[0];
      const isOrder = id === "order";
      const value = isOrder || values[id] === null ? values[id] : Number(values[id]);
      if (window.galaxyFinder.isNews(CONTROLS[id], value)) {
        const option = isOrder
          ? { least_similar: value === "least" }
          : { min_separation_arcsec: value };
        window.galaxyFinder.ask("option", option);
      }
    }
  }

  // What is wrong stays in its field as long as the page says so.
  function follow({ n, query }, message) {
    const { isNews, isSettled } = window.galaxyFinder;
    const { no_update: same } = window.dash_clientside;
    if (!isSettled({ n }) || message) {
      return [same, same, same];
    }
    const { min_separation_arcsec: separation, least_similar: isLeast } = query;
    const order = isLeast ? "least" : "most";
    isNews("separation", separation);
    return [separation, separation, isNews("order", order) ? order : same];
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    options: { keepPreferences, ask, follow },
  });
})();
