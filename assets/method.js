// The method page (templates/method.html): theme, hints to be shown again, drawings for pictures
// that do not come. assets/galaxy_finder.js, loaded before, marks the pictures that do.

(function () {
  "use strict";

  const { toggleTheme, applyTheme } = window.dash_clientside.galaxy_finder;
  const button = document.querySelector("[data-theme-switch]");

  function remember(name, value) {
    try {
      localStorage.setItem(name, value);
    } catch (_error) {
      // no storage: it holds for this page
    }
  }

  button.setAttribute("aria-pressed", applyTheme(document.documentElement.dataset.theme));
  button.addEventListener("click", function () {
    const theme = toggleTheme(1, document.documentElement.dataset.theme);
    button.setAttribute("aria-pressed", applyTheme(theme));
    remember("theme", JSON.stringify(theme)); // as the dcc.Store of the explorer keeps it
  });

  document.querySelector("[data-hints-again]").addEventListener("click", function (event) {
    remember("hints", "0");
    location.assign(event.currentTarget.dataset.hintsAgain);
  });

  // A view that cannot be shown is drawn instead, and the caption says so.
  function draw(image) {
    image.src = image.dataset.otherwise;
    document.body.classList.add("has-drawings");
  }
  for (const image of document.querySelectorAll("[data-otherwise]")) {
    if (image.getAttribute("src") === image.dataset.otherwise || (image.complete && !image.naturalWidth)) {
      draw(image);
    } else {
      image.addEventListener("error", () => draw(image), { once: true });
    }
  }
})();
