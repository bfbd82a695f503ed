// plotly.js is two thirds of a first visit. It is on its way once all else has come, from the one
// address that all atlases share, whatever Dash makes of it.

(function () {
  "use strict";

  const { address } = document.getElementById("plotly-script")?.dataset ?? {};
  if (!address) {
    return;
  }
  Object.defineProperty(window, "_dashPlotlyJSURL", { get: () => address, set() {} });

  // Dash itself will ask for it some tenths of a second later, when the page is drawn.
  window.galaxyFinder.beginMap = function () {
    const link = document.createElement("link");
    Object.assign(link, { rel: "preload", as: "script", href: address, fetchPriority: "low" });
    document.head.append(link);
  };
})();
