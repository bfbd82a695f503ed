// Written into each page, before anything is painted: a light page must not flash dark, the note on
// the start not push, a gallery of large pictures not begin with small ones, a column that was
// resized not jump.

(function () {
  "use strict";

  const page = document.documentElement;

  // Below a path others share the host, and may call something of theirs "theme", too: what is
  // stored there has the path before its name.
  function below(path, storage) {
    const start = `${path}:`;
    const names = () => Object.keys(storage).filter((name) => name.startsWith(start));
    return {
      getItem: (name) => storage.getItem(start + name),
      setItem: (name, value) => storage.setItem(start + name, value),
      removeItem: (name) => storage.removeItem(start + name),
      key: (n) => names()[n]?.slice(start.length) ?? null,
      clear: () => names().forEach((name) => storage.removeItem(name)),
      get length() {
        return names().length;
      },
    };
  }
  if (page.dataset.base) {
    for (const kind of ["localStorage", "sessionStorage"]) {
      try {
        Object.defineProperty(window, kind, { value: below(page.dataset.base, window[kind]) });
      } catch (_error) {
        // no storage
      }
    }
  }

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
    const columns = JSON.parse(localStorage.getItem("columns")) ?? {};
    for (const property of ["--left-wanted", "--right-wanted"]) {
      if (Number.isInteger(columns[property]) && columns[property] > 200) {
        page.style.setProperty(property, `${columns[property]}px`);
        page.toggleAttribute("data-right-wanted", property === "--right-wanted");
      }
    }
    if (sessionStorage.getItem("started") === location.pathname) {
      page.dataset.started = "";
    }
  } catch (_error) {
    // no storage: dark, and no note
  }

  // What the server wrote into the page (dashboard/panels/page/first_paint.py) goes as Dash draws.
  const watch = new MutationObserver(function () {
    if (document.querySelector("#react-entry-point :is(.page, ._dash-error)")) {
      watch.disconnect();
      window.galaxyFinder?.takeOver?.();
      document.querySelector(".first-paint")?.remove();
    }
  });
  watch.observe(document, { subtree: true, childList: true });
  document.addEventListener("DOMContentLoaded", function () {
    if (!document.querySelector(".first-paint")) {
      watch.disconnect(); // a page without Dash
    }
  });
})();
