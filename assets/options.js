// How pictures look: remembered by the browser, applied without the server. assets/early.js applies
// it before the first paint.

(function () {
  "use strict";

  const FIRST = { size: "fit", crosshair: false };

  function keepPreferences(remembered, size, crosshair) {
    const { triggered } = window.dash_clientside.callback_context;
    const has = (prop) => triggered.some(({ prop_id }) => prop_id === prop);
    let wanted = { size, crosshair };
    if (has("options-reset.n_clicks")) {
      wanted = FIRST;
    } else if (has("preferences.data")) {
      wanted = { ...FIRST, ...remembered };
    }
    apply(wanted);
    return [wanted, wanted.size, wanted.crosshair];
  }

  function apply({ size, crosshair }) {
    const { dataset } = document.documentElement;
    if (size === FIRST.size) {
      delete dataset.pictureSize;
    } else {
      dataset.pictureSize = size;
    }
    if (crosshair) {
      dataset.crosshair = "";
    } else {
      delete dataset.crosshair;
    }
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    options: { keepPreferences },
  });
})();
