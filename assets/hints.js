// Shows the hints of dashboard/panels/page/hints.py one after the other, each once: the browser's
// local storage holds how many it has seen. Without storage nobody would be spared, so there are
// none.

(function () {
  "use strict";

  const SEEN = "hints";
  const GAP_PX = 20;
  const isWide = window.matchMedia("(min-width: 1181px)"); // panels side by side: assets/ui.css

  function seen() {
    try {
      return Number(localStorage.getItem(SEEN));
    } catch (_error) {
      return Infinity;
    }
  }
  function remember(n) {
    try {
      localStorage.setItem(SEEN, String(n));
    } catch (_error) {
      // not reached: without storage no hint is shown
    }
  }

  const box = () => document.querySelector(".hints");
  const all = () => [...box().querySelectorAll(".hints-one")];
  const target = () => document.querySelector(all()[seen()]?.dataset.at);

  // Beside the foot of its panel, where it hides the least; on a narrow page at that of the window.
  function place() {
    if (box().hidden) {
      return;
    }
    const { left, bottom } = target().getBoundingClientRect();
    const isBeside = isWide.matches;
    box().classList.toggle("is-beside", isBeside);
    box().style.right = "";
    box().style.left = isBeside ? `${Math.max(8, left - box().offsetWidth - GAP_PX)}px` : "";
    box().style.top = isBeside ? `${bottom - box().offsetHeight}px` : "";
    keepNameFree();
  }

  // What the galaxy is called is never hidden: the hint then goes to the foot of its own panel.
  function keepNameFree() {
    const name = document.querySelector(".selected-name")?.getBoundingClientRect();
    const hint = box().getBoundingClientRect();
    const isOver =
      name &&
      name.left < hint.right &&
      hint.left < name.right &&
      name.top < hint.bottom &&
      hint.top < name.bottom;
    if (isOver) {
      const { left, right } = target().getBoundingClientRect();
      box().classList.remove("is-beside");
      box().style.left = isWide.matches ? `${left}px` : "";
      box().style.right = isWide.matches ? `${Math.max(innerWidth - right, 0)}px` : "";
      box().style.top = isWide.matches ? "" : "auto";
    }
  }

  function show() {
    const [n, hints] = [seen(), all()];
    document.querySelector(".is-hinted")?.classList.remove("is-hinted");
    if (!(n < hints.length)) {
      box().hidden = true;
      return;
    }
    hints.forEach((hint, i) => (hint.hidden = i !== n));
    box().querySelector(".hints-count").textContent = `${n + 1} of ${hints.length}`;
    box().querySelector(".hints-next").textContent = n + 1 < hints.length ? "Next" : "Got it";
    box().querySelector(".hints-skip").hidden = n + 1 === hints.length;
    box().hidden = false;
    target().classList.add("is-hinted");
    place();
  }

  function goOn(n) {
    const hadFocus = box().contains(document.activeElement);
    const last = target();
    remember(n);
    show();
    if (!box().hidden && !isWide.matches) {
      target().scrollIntoView({ block: "start" });
    }
    if (box().hidden && hadFocus) {
      last.querySelector("button, select")?.focus({ preventScroll: true });
    }
  }

  document.addEventListener("click", function (event) {
    if (event.target.closest?.(".hints-next")) {
      goOn(seen() + 1);
    } else if (event.target.closest?.(".hints-skip")) {
      goOn(all().length);
    }
  });
  document.addEventListener("keydown", function (event) {
    const isForHints = box() && !box().hidden && !event.defaultPrevented;
    const isTaken = document.querySelector(".modal.show, dialog[open], .menu[open]");
    if (event.key === "Escape" && isForHints && !isTaken) {
      goOn(all().length);
    }
  });
  window.addEventListener("resize", () => box() && place());

  // Not before there is something to point at.
  if (seen() < Infinity) {
    new MutationObserver(function (_changes, observer) {
      if (box() && document.querySelector(".gallery .card:not(.is-bone)")) {
        observer.disconnect();
        show();
      }
    }).observe(document, { subtree: true, childList: true });
  }
})();
