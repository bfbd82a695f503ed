// A picture of one's own: it never leaves the browser but to be embedded.

(function () {
  "use strict";

  // Shown for as long as the query is one of its crops.
  function show(page, own, zoom) {
    const { no_update } = window.dash_clientside;
    const crop = own?.crops?.[page?.query.embedding];
    if (!crop) {
      return [true, no_update, no_update, no_update, no_update, no_update, ""];
    }
    const style = { "--zoom": crop.zoom };
    const note = [own.note, crop.framing].filter(Boolean).join(" ");
    const zoomed = Number(zoom) === crop.zoom ? no_update : crop.zoom;
    return [false, style, own.source, crop.seen, zoomed, note, ""];
  }

  // The outline follows the slider at once; the model follows when it rests.
  document.addEventListener("input", function (event) {
    if (event.target.id === "own-zoom") {
      document.getElementById("own-frame").style.setProperty("--zoom", event.target.value);
    }
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, { own_picture: { show } });
})();
