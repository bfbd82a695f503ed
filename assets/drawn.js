// Draws what `drawn` of dashboard/panels/parts.py writes as plain values.

(function () {
  "use strict";

  const drawnFrom = new WeakMap(); // what an element, or what is in it, was drawn from
  const drawers = {}; // who draws what has more to it, by the id of the place

  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  }

  function grow(node) {
    if (typeof node === "string") {
      return node;
    }
    const [tag, attributes, ...children] = node;
    return make(tag, attributes, ...children.map(grow));
  }

  // What is there already stays, with its pictures and the keyboard's focus.
  function draw(place, content) {
    const former = new Map([...place.children].map((child) => [drawnFrom.get(child), child]));
    const wanted = content.map(function (node) {
      const from = JSON.stringify(node);
      const element = former.get(from) ?? grow(node);
      former.delete(from);
      drawnFrom.set(element, from);
      return element;
    });
    former.forEach((child) => child.remove());
    wanted.forEach(function (element, index) {
      if (place.children[index] !== element) {
        place.insertBefore(element, place.children[index] ?? null);
      }
    });
  }

  function follow(place) {
    const content = place.dataset.content;
    if (drawnFrom.get(place) !== content) {
      drawnFrom.set(place, content);
      // Before Dash has drawn the page its places have no ids: assets/first_answer.js.
      (drawers[place.id || place.dataset.place] ?? draw)(place, JSON.parse(content));
    }
  }

  // Draws at once, in the same frame as what is done beside it.
  function put(place, content) {
    place.setAttribute("data-content", content);
    follow(place);
  }

  new MutationObserver(function (changes) {
    new Set(changes.map((change) => change.target)).forEach(follow);
  }).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-content"] });

  window.galaxyFinder = { make, drawers, put };
})();
