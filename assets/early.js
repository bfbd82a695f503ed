// Before anything is painted: a light page must not flash dark, the note on the start not push, a
// gallery of large pictures not begin with small ones.

(function () {
  "use strict";

  const page = document.documentElement;
  try {
    if (JSON.parse(localStorage.getItem("theme")) === "light") {
      page.dataset.theme = "light";
    }
    const { size, crosshair } = JSON.parse(localStorage.getItem("preferences")) ?? {};
    if (/^[0-9]+$/.test(size)) {
      page.dataset.pictureSize = size;
      page.style.setProperty("--card", `${size}px`);
    }
    if (crosshair === true) {
      page.dataset.crosshair = "";
    }
    if (sessionStorage.getItem("started") === location.pathname) {
      page.dataset.started = "";
    }
  } catch (_error) {
    // no storage: dark, and no note
  }
})();
