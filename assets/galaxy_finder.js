// What the server cannot know or need not be asked: the theme, the state of pictures, a lost
// server.

(function () {
  "use strict";

  function toggleTheme(_clicks, theme) {
    return theme === "light" ? "dark" : "light";
  }

  function applyTheme(theme) {
    document.documentElement.dataset.theme = theme === "light" ? "light" : "dark";
    return theme === "light" ? "true" : "false";
  }

  // Load and error events do not bubble, but they can be caught on their way down.
  function placeOf(image) {
    const place = image.parentElement;
    return image.tagName === "IMG" && place?.classList.contains("picture") ? place : null;
  }
  function markPicture(loaded) {
    return function (event) {
      const place = placeOf(event.target);
      place?.classList.toggle("is-loaded", loaded);
      place?.classList.toggle("is-missing", !loaded);
    };
  }
  document.addEventListener("error", markPicture(false), true);
  document.addEventListener("load", markPicture(true), true);
  for (const image of document.images) {
    if (image.complete) {
      markPicture(image.naturalWidth > 0)({ target: image }); // came before this script
    }
  }

  // A place that is used again must not show the former galaxy while the new one is on its way.
  new MutationObserver(function (changes) {
    for (const change of changes) {
      placeOf(change.target)?.classList.remove("is-loaded", "is-missing");
    }
  }).observe(document, { subtree: true, attributes: true, attributeFilter: ["src"] });

  // Why the visit began with this atlas is news until it is dismissed or another one is chosen.
  document.addEventListener("click", function (event) {
    if (event.target.closest?.(".start-note .dismiss")) {
      delete document.documentElement.dataset.started;
    } else if (!event.target.closest?.(".atlas-switch a")) {
      return;
    }
    try {
      sessionStorage.removeItem("started");
    } catch (_error) {
      // no storage: nothing to forget
    }
  });

  // A server that has been stopped: Dash itself says so only in the console. A request that was
  // answered, in whatever way, has a first byte.
  new PerformanceObserver(function (list) {
    const isLost = ({ initiatorType, name, responseStart }) =>
      initiatorType === "fetch" && name.startsWith(location.origin) && responseStart === 0;
    if (list.getEntries().some(isLost) && document.getElementById("notice")) {
      window.dash_clientside.set_props("notice", {
        children:
          "The server does not answer. Start it again if it was stopped, then reload the page.",
      });
    }
  }).observe({ type: "resource" });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    galaxy_finder: { toggleTheme, applyTheme },
  });
})();
