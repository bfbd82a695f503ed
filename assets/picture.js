// Draws the picture of a galaxy wherever one is: into what says in `data-picture` which. Until it has
// come, and where it cannot, its place says so; assets/galaxy_finder.js knows which is the case.

(function () {
  "use strict";

  const { make } = window.galaxyFinder;

  function words(name, said, more) {
    return make("span", { class: name }, said, make("span", { class: "picture-why" }, more));
  }

  // How large it is on the sky, and where North and East are: dashboard/pictures/rulers.py.
  function ruled({ share, length, across, north_up, note }) {
    const [said, why] = note.split(/(?=: )/);
    const drawn = [
      make("span", { class: "ruler-across" }, across),
      make("span", { class: "ruler-note" }, said, make("span", { class: "ruler-why" }, why ?? "")),
    ];
    if (share) {
      const bar = make("span", { class: "ruler-bar" });
      bar.style.width = `${100 * share}%`;
      drawn.push(bar, make("span", { class: "ruler-length" }, length));
    }
    if (north_up) {
      const compass = { class: "compass", role: "img", "aria-label": "North is up, East is left" };
      drawn.push(make("span", compass));
    }
    return make("span", { class: "ruler" }, ...drawn);
  }

  function opener({ row, name }) {
    return make("button", {
      class: "enlarge",
      type: "button",
      title: "Enlarge",
      "aria-label": `Enlarge ${name}`,
      "data-enlarge": row,
    });
  }

  function fill(place) {
    const about = JSON.parse(place.dataset.picture);
    const { url, alt = "", host, why, lazy, zoom, ruler, enlarge, isSmall } = about;
    const missing = words("picture-missing", make("span", {}, "No picture"), why ? `: ${why}` : "");
    place.classList.remove("is-loaded");
    place.classList.toggle("is-missing", !url);
    const more = [...(ruler ? [ruled(ruler)] : []), ...(enlarge ? [opener(enlarge)] : [])];
    if (!url) {
      place.replaceChildren(missing, ...more);
      return;
    }
    const how = lazy ? { loading: "lazy" } : {};
    const image = make("img", { alt, draggable: "false", ...how, ...(isSmall ? {} : { src: url }) });
    if (isSmall) {
      window.galaxyFinder.smallPicture(url).then((address) => (image.src = address));
    }
    const waiting = host ? [words("picture-waiting", "Waiting", ` for ${host}`)] : [];
    waiting.forEach((place) => place.setAttribute("aria-hidden", "true"));
    if (zoom > 1) {
      image.style.scale = zoom;
    }
    place.replaceChildren(image, missing, ...waiting, ...more);
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
  document.querySelectorAll("[data-picture]:empty").forEach(fill); // was there before this script
})();
