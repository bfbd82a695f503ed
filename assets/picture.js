// Draws the picture of a galaxy wherever one is: into what says in `data-picture` which. Until it has
// come, and where it cannot, its place says so; assets/galaxy_finder.js knows which is the case.

(function () {
  "use strict";

  const { make } = window.galaxyFinder;

  function words(name, said, more) {
    return make("span", { class: name }, said, make("span", { class: "picture-why" }, more));
  }

  function fill(place) {
    const { url, alt = "", host, why, lazy } = JSON.parse(place.dataset.picture);
    const missing = words("picture-missing", make("span", {}, "No picture"), why ? `: ${why}` : "");
    place.classList.remove("is-loaded");
    place.classList.toggle("is-missing", !url);
    if (!url) {
      place.replaceChildren(missing);
      return;
    }
    const how = lazy ? { loading: "lazy" } : {};
    const image = make("img", { alt, draggable: "false", ...how, src: url });
    const waiting = host ? [words("picture-waiting", "Waiting", ` for ${host}`)] : [];
    waiting.forEach((place) => place.setAttribute("aria-hidden", "true"));
    place.replaceChildren(image, missing, ...waiting);
  }

  new MutationObserver(function (changes) {
    const places = new Set();
    for (const { type, target, addedNodes } of changes) {
      if (type === "attributes") {
        places.add(target);
      }
      for (const node of addedNodes) {
        if (node instanceof Element) {
          const inside = [...node.querySelectorAll("[data-picture]")];
          [node, ...inside].filter((place) => place.matches("[data-picture]:empty")).forEach(
            (place) => places.add(place),
          );
        }
      }
    }
    places.forEach(fill);
  }).observe(document, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ["data-picture"],
  });
})();
