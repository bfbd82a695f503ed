// Pictures that cannot be loaded: one note says so for all of them, and asks for them again.

(function () {
  "use strict";

  const A_FRAME_OR_TWO_MS = 150;
  const note = () => document.querySelector(".pictures-note");
  const asked = () => [...document.querySelectorAll(".picture:has(> img)")];
  const missing = () => asked().filter((place) => place.classList.contains("is-missing"));

  function look() {
    const [n, nMissing] = [asked().length, missing().length];
    note().hidden = nMissing === 0 || isDismissed;
    const host = note().dataset.host;
    const words =
      nMissing === n
        ? `No pictures: ${host} cannot be reached.`
        : `${nMissing} of ${n} pictures could not be loaded from ${host}.`;
    const place = note().querySelector("p");
    if (place.textContent !== words) {
      place.textContent = words;
    }
  }

  let isDismissed = false; // until the page is opened again
  let waiting = null;
  function lookSoon(event) {
    const isPicture = event.target.tagName === "IMG" && event.target.closest(".picture");
    if (isPicture && note() && (event.type === "error" || !note().hidden)) {
      waiting ??= setTimeout(function () {
        waiting = null;
        look();
      }, A_FRAME_OR_TWO_MS);
    }
  }
  document.addEventListener("error", lookSoon, true);
  document.addEventListener("load", lookSoon, true);

  document.addEventListener("click", function (event) {
    if (event.target.closest?.(".pictures-again")) {
      for (const place of missing()) {
        const image = place.querySelector("img");
        place.classList.remove("is-missing");
        image.src = image.getAttribute("src");
      }
    } else if (event.target.closest?.(".pictures-note .dismiss")) {
      isDismissed = true;
      note().hidden = true;
    }
  });
})();
