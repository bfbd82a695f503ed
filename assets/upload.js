// What the component for uploads passes over without a word: files that are too large, and the same
// file again.

(function () {
  "use strict";

  function tellTooLarge(place, files) {
    const { mostBytes, message, advice } = place.dataset;
    const large = [...(files ?? [])].find((file) => file.size > Number(mostBytes));
    if (large) {
      const size = (large.size / 1e6).toFixed(1);
      window.dash_clientside.set_props(message, {
        children: `${large.name} has ${size} MB; at most ${mostBytes / 1e6} MB are read. ${advice}`,
      });
    }
  }

  function listen(type, filesOf) {
    const tell = (event) => {
      const place = event.target.closest?.("[data-most-bytes]");
      if (place) {
        tellTooLarge(place, filesOf(event));
      }
    };
    document.addEventListener(type, tell, true);
  }
  // A field that still has the file says nothing when it is chosen again.
  document.addEventListener(
    "click",
    function (event) {
      if (event.target.matches?.("input[type=file]")) {
        event.target.value = "";
      }
    },
    true,
  );

  listen("change", (event) => event.target.files);
  listen("drop", (event) => event.dataTransfer?.files);
})();
