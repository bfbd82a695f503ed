// Tries one picture of the cutout service and goes to the first atlas if it comes, else to another
// one. The answer holds for the visit: dashboard/web/start.py writes the addresses into the page.

(function () {
  "use strict";

  const PATIENCE_MS = 3000;
  const { probe, first, otherwise } = document.currentScript.dataset;

  function remembered() {
    try {
      return sessionStorage.getItem("pictures-reachable");
    } catch (_error) {
      return null;
    }
  }

  let gone = false;
  function go(reachable, isCertain) {
    if (gone) {
      return;
    }
    gone = true;
    const page = reachable ? first : otherwise;
    try {
      if (isCertain) {
        sessionStorage.setItem("pictures-reachable", String(reachable));
      }
      sessionStorage.setItem("started", page);
    } catch (_error) {
      // no storage: the question is asked again, and the page does not say why it came
    }
    location.replace(page);
  }

  const answer = remembered();
  if (answer !== null) {
    go(answer === "true", true);
    return;
  }
  const picture = new Image();
  picture.onload = () => go(true, true);
  picture.onerror = () => go(false, true);
  picture.src = probe;
  setTimeout(() => go(false, false), PATIENCE_MS); // slow is not gone: ask again another time
})();
