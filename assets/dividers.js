// The lines between the columns: dragged, or moved with the arrows; the browser remembers where they
// are. assets/early.js puts them there before the first paint.

(function () {
  "use strict";

  const KEY = "columns";
  const STEP_PX = 16;
  const page = document.documentElement;
  const all = () => [...document.querySelectorAll(".divider")];
  const column = (which) => document.querySelector(`.column.is-${which}`);

  // Of each: the property that the style sheets read, and its least and most value in px.
  const LEFT = { property: "--left-wanted", least: 260, most: 560 };
  const RIGHT = { property: "--right-wanted", least: 300, most: 1400 };
  const LEAST_MIDDLE_PX = 380;
  const about = (divider) => (divider.dataset.resizes === "left" ? LEFT : RIGHT);

  function widthOf(divider) {
    return column(divider.dataset.resizes).getBoundingClientRect().width;
  }

  function mostOf(divider) {
    const room = column("middle").getBoundingClientRect().width - LEAST_MIDDLE_PX;
    return Math.min(about(divider).most, Math.floor(widthOf(divider) + Math.max(room, 0)));
  }

  function remember() {
    try {
      const widths = {};
      for (const { property } of [LEFT, RIGHT]) {
        const width = parseInt(page.style.getPropertyValue(property), 10);
        if (width) {
          widths[property] = width;
        }
      }
      localStorage.setItem(KEY, JSON.stringify(widths));
    } catch (_error) {
      // no storage: as they are until the page is left
    }
  }

  function tell() {
    for (const divider of all()) {
      divider.setAttribute("aria-valuemin", about(divider).least);
      divider.setAttribute("aria-valuemax", mostOf(divider));
      divider.setAttribute("aria-valuenow", Math.round(widthOf(divider)));
    }
  }

  // Unless someone wants it otherwise the map has a share of the page, not a width.
  function markRight() {
    page.toggleAttribute("data-right-wanted", Boolean(page.style.getPropertyValue(RIGHT.property)));
  }

  function resize(divider, width) {
    const { property, least } = about(divider);
    const wanted = Math.round(Math.max(least, Math.min(width, mostOf(divider))));
    page.style.setProperty(property, `${wanted}px`);
    markRight();
    tell();
  }

  function reset(divider) {
    page.style.removeProperty(about(divider).property);
    markRight();
    remember();
    tell();
  }

  document.addEventListener("pointerdown", function (event) {
    const divider = event.target.closest?.(".divider");
    if (!divider || event.button !== 0) {
      return;
    }
    event.preventDefault();
    divider.focus({ preventScroll: true });
    divider.setPointerCapture(event.pointerId);
    const [from, width] = [event.clientX, widthOf(divider)];
    const side = divider.dataset.resizes === "left" ? 1 : -1;
    const drag = (move) => resize(divider, width + side * (move.clientX - from));
    const marks = [divider, page];
    function end() {
      divider.removeEventListener("pointermove", drag);
      marks.forEach((place) => place.classList.remove("is-dragged", "is-resizing"));
      remember();
    }
    divider.classList.add("is-dragged");
    page.classList.add("is-resizing");
    divider.addEventListener("pointermove", drag);
    divider.addEventListener("lostpointercapture", end, { once: true });
  });

  document.addEventListener("dblclick", function (event) {
    const divider = event.target.closest?.(".divider");
    if (divider) {
      reset(divider);
    }
  });

  document.addEventListener("keydown", function (event) {
    const divider = event.target;
    if (!divider.matches?.(".divider") || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const side = divider.dataset.resizes === "left" ? 1 : -1;
    const widths = {
      ArrowLeft: widthOf(divider) - side * STEP_PX,
      ArrowRight: widthOf(divider) + side * STEP_PX,
      Home: about(divider).least,
      End: mostOf(divider),
    };
    if (event.key in widths) {
      resize(divider, widths[event.key]);
      remember();
    } else if (event.key === "Enter") {
      reset(divider);
    } else {
      return;
    }
    event.preventDefault();
  });

  document.addEventListener("focusin", (event) => event.target.matches?.(".divider") && tell());

  // The link past the header and the search: to the gallery's card, or to the table in its place.
  document.addEventListener("click", function (event) {
    if (event.target.closest?.(".skip-link")) {
      event.preventDefault();
      const card = document.querySelector("ul.cards button.card[tabindex='0']");
      const isShown = card?.checkVisibility?.() ?? Boolean(card);
      (isShown ? card : document.querySelector(".view-switch input:checked"))?.focus();
    }
  });
})();
