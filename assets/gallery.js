// The cards of the gallery: drawn from plain values, walked through by arrows. What is a card's own
// is drawn once: a galaxy that stays in the gallery keeps its picture.

(function () {
  "use strict";

  const { make, drawers } = window.galaxyFinder;
  const places = new Map(); // by row, of the cards that are shown
  let asked = null; // what was last done with a card: { index, act, byKeyboard }

  const list = () => document.querySelector("ul.cards");
  const cards = () => [...list().querySelectorAll("button.card")];

  const asks = (kind, values) => JSON.stringify({ kind, values });

  function picture({ url }, { host, why }) {
    const about = JSON.stringify({ url, host, why });
    return make("span", { class: "picture", "data-picture": about });
  }

  function place(galaxy, words) {
    const { row, name } = galaxy;
    const named = words.named ? [make("span", { class: "card-name" }, name)] : [];
    const card = make(
      "button",
      {
        class: "card",
        type: "button",
        id: JSON.stringify({ row, type: "neighbour-card" }),
        "data-request": asks("card", { row }),
      },
      picture(galaxy, words),
      ...named,
      make("span", { class: "similarity" }),
    );
    const sign = (act, title, label) =>
      make("button", {
        class: `sign is-${act}`,
        type: "button",
        tabindex: -1,
        title,
        "aria-label": label,
        "data-side": act,
        "data-request": asks("example", { act, row }),
      });
    return make(
      "li",
      {},
      card,
      sign("negative", "Not like this", `Not like ${name}`),
      sign("positive", "More like this too", `Add ${name} to the query`),
      make("button", {
        class: "enlarge",
        type: "button",
        tabindex: -1,
        title: "Enlarge",
        "aria-label": `Enlarge ${name}`,
        "data-enlarge": row,
      }),
    );
  }

  function placeOf(galaxy, words) {
    const former = places.get(galaxy.row);
    const image = former?.querySelector("img");
    const stays = image?.getAttribute("src") === galaxy.url && image.closest(".is-loaded");
    return stays ? former : place(galaxy, words);
  }

  function rank(place, galaxy, index) {
    const card = place.firstChild;
    const { name, similarity, share } = galaxy;
    card.title = `${index + 1}. ${name}`;
    card.setAttribute(
      "aria-label",
      `${index + 1}: ${name}, similarity ${similarity}. Search from here.`,
    );
    card.tabIndex = -1;
    card.lastChild.textContent = similarity;
    card.lastChild.title = share && `Similarity ${similarity}: more than ${share}`;
    return place;
  }

  // What is in the query says so; its sign takes it out again.
  function mark(_cards, page) {
    const { rows = [], negatives = [] } = page?.query ?? {};
    const sides = { positive: rows, negative: negatives };
    for (const [row, place] of places) {
      for (const sign of place.querySelectorAll(".sign")) {
        const isIn = sides[sign.dataset.side].includes(row);
        sign.setAttribute("aria-pressed", isIn);
        sign.dataset.request = asks("example", { act: isIn ? "remove" : sign.dataset.side, row });
      }
    }
  }

  function draw(place, shown) {
    document.getElementById("gallery-heading").textContent = shown.heading;
    place.style.setProperty("--columns", shown.columns);
    const former = [...places.keys()];
    const focused = document.activeElement?.closest("ul.cards li");
    const now = shown.cards.map((galaxy, index) => [
      galaxy.row,
      rank(placeOf(galaxy, shown), galaxy, index),
    ]);
    places.clear();
    now.forEach(([row, place]) => places.set(row, place));
    list().replaceChildren(...places.values());
    goOn(focused, former.join() === [...places.keys()].join());
  }

  drawers.gallery = draw;

  // Another query starts from the top, another example goes on from where it was added. So does the
  // keyboard, whose card may be gone.
  function goOn(focused, areTheSame) {
    const { index, act, byKeyboard } = asked ?? {};
    const next = cards()[act === "search" ? 0 : Math.min(index ?? 0, places.size - 1)];
    if (!areTheSame && act !== "example") {
      document.getElementById("gallery").scrollTop = 0;
    }
    const isFree = [null, document.body].includes(document.activeElement);
    if (focused?.isConnected && act !== "search") {
      focused.firstChild.focus();
    } else if (byKeyboard && isFree) {
      next?.focus();
    }
    if (!cards().some((card) => card.tabIndex === 0) && places.size) {
      cards()[0].tabIndex = 0;
    }
    asked = null;
  }

  document.addEventListener("click", function (event) {
    const button = event.target.closest?.("ul.cards button[data-request]");
    asked = null;
    if (!button) {
      return;
    }
    const card = button.parentElement.firstChild;
    asked = {
      index: cards().indexOf(card),
      act: button === card ? "search" : "example",
      byKeyboard: event.detail === 0,
    };
  });

  // The second click of a double click would land on whatever the first has brought there.
  document.addEventListener(
    "click",
    function (event) {
      if (event.detail > 1 && event.target.closest?.("ul.cards button")) {
        event.stopPropagation();
      }
    },
    true,
  );

  // The tab key stops at one card only, the one that had the focus last.
  document.addEventListener("focusin", function (event) {
    if (event.target.matches?.("button.card")) {
      for (const card of list().querySelectorAll("button.card[tabindex='0']")) {
        card.tabIndex = -1;
      }
      event.target.tabIndex = 0;
    }
  });

  const STEPS = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
  };

  // Left and right go on over the ends of lines; up and down to the nearest card of the next line.
  function neighbourOf(card, [right, down]) {
    const all = cards();
    const from = card.getBoundingClientRect();
    if (right) {
      return all[all.indexOf(card) + right];
    }
    const beyond = all
      .map((other) => ({ other, box: other.getBoundingClientRect() }))
      .filter(({ box }) => down * (box.top - from.top) > from.height / 2);
    const across = ({ box }) => Math.abs(box.left - from.left);
    const away = ({ box }) => Math.abs(box.top - from.top);
    const least = Math.min(...beyond.map(away));
    const line = beyond.filter((one) => away(one) - least < from.height / 2);
    return line.sort((one, other) => across(one) - across(other))[0]?.other;
  }

  function keyed(card, key) {
    const all = cards();
    const ends = { Home: all[0], End: all[all.length - 1] };
    const signs = { " ": ".is-positive", "+": ".is-positive", "-": ".is-negative" };
    if (key in STEPS || key in ends) {
      (ends[key] ?? neighbourOf(card, STEPS[key]))?.focus();
    } else if (key in signs) {
      card.parentElement.querySelector(signs[key]).click();
    } else {
      return false;
    }
    return true;
  }

  document.addEventListener("keydown", function (event) {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const isCard = event.target.matches?.("ul.cards button.card");
    if (isCard && isPlain && (event.repeat ? event.key in STEPS : true)) {
      if (keyed(event.target, event.key)) {
        event.preventDefault();
      }
    }
  });
  // Some browsers click when the space bar is let go.
  document.addEventListener("keyup", function (event) {
    if (event.key === " " && event.target.matches?.("ul.cards button.card")) {
      event.preventDefault();
    }
  });

  // --- how many ---

  function askForMore(k) {
    if (window.galaxyFinder.isNews("k", k)) {
      window.galaxyFinder.ask("k", { k: Number(k) });
    }
  }

  function follow(page) {
    const { isNews, isSettled } = window.galaxyFinder;
    const k = String(page.query.k);
    return isSettled(page) && isNews("k", k) ? k : window.dash_clientside.no_update;
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    gallery: { mark, askForMore, follow },
  });
})();
