// Before anything is painted: a light page must not flash dark, the note on the start not push.

(function () {
  "use strict";

  const page = document.documentElement;
  try {
    if (JSON.parse(localStorage.getItem("theme")) === "light") {
      page.dataset.theme = "light";
    }
    if (sessionStorage.getItem("started") === location.pathname) {
      page.dataset.started = "";
    }
  } catch (_error) {
    // no storage: dark, and no note
  }
})();
