// The cards of the gallery: drawn from plain values, walked through by arrows. What is a card's own
// is drawn once: a galaxy that stays in the gallery keeps its picture.

(function () {
  "use strict";

  const { make, drawers } = window.galaxyFinder;
  const places = new Map(); // by `keyOf`, of the cards that are shown
  let asked = null; // what was last done with a card: { index, act, byKeyboard }

  // The last: while Dash takes over, those that the page began with are there, too.
  const list = () => [...document.querySelectorAll("ul.cards")].at(-1);
  const cards = () => [...list().querySelectorAll(".card")];

  const asks = (kind, values) => JSON.stringify({ kind, values });

  // A galaxy of this atlas is known by its row, one of another by that atlas and its identifier.
  const keyOf = ({ row, guest }) => (guest ? guest.join(":") : row);
  const whichOf = ({ row, guest }) => (guest ? { guest } : { row });

  function picture({ url }, { host, why, sheet }) {
    const about = JSON.stringify({ url, host, why, isSmall: Boolean(sheet) });
    return make("span", { class: "picture", "data-picture": about });
  }

  function place(galaxy, shown) {
    const words = { ...shown, ...galaxy };
    const { row, name, atlas, href } = galaxy;
    const named = words.named ? [make("span", { class: "card-name" }, name)] : [];
    const labelled = atlas ? [make("span", { class: "card-atlas", title: atlas }, atlas)] : [];
    const about = href
      ? { class: "card", href }
      : {
          class: "card",
          type: "button",
          id: JSON.stringify({ row, type: "neighbour-card" }),
          "data-request": asks("card", { row }),
        };
    const card = make(
      href ? "a" : "button",
      about,
      picture(galaxy, words),
      ...named,
      ...labelled,
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
        "data-request": asks("example", { act, ...whichOf(galaxy) }),
      });
    return make(
      "li",
      { "data-atlas-title": atlas ?? "" },
      card,
      sign("negative", "Not like this", `Not like ${name}`),
      sign("positive", "More like this too", `Add ${name} to the query`),
    );
  }

  // Those of other atlases are seen large on their own page.
  function addOpener(place, { row, name, href }) {
    if (!href && !place.querySelector(".enlarge") && !place.closest(".first-paint")) {
      const about = { class: "enlarge", type: "button", tabindex: -1, title: "Enlarge" };
      const words = { "aria-label": `Enlarge ${name}`, "data-enlarge": row };
      place.append(make("button", { ...about, ...words }));
    }
  }

  function placeOf(galaxy, words) {
    const former = places.get(keyOf(galaxy));
    const picture = former?.querySelector(".picture");
    const stays =
      picture &&
      JSON.parse(picture.dataset.picture).url === galaxy.url &&
      !picture.matches(".is-missing") &&
      former.dataset.atlasTitle === (galaxy.atlas ?? "");
    return stays ? former : place(galaxy, words);
  }

  function rank(place, galaxy, index) {
    const card = place.firstChild;
    const { name, similarity, share } = galaxy;
    const of = galaxy.atlas ? ` of ${galaxy.atlas}` : "";
    card.title = `${index + 1}. ${name}${of}`;
    card.setAttribute(
      "aria-label",
      `${index + 1}: ${name}${of}, similarity ${similarity}. Search from here.`,
    );
    if (galaxy.href) {
      card.setAttribute("href", galaxy.href); // it says the options, which change
    }
    card.tabIndex = -1;
    card.lastChild.textContent = similarity;
    card.lastChild.title = share && `Similarity ${similarity}: more than ${share}`;
    return place;
  }

  // What is in the query says so; its sign takes it out again.
  function mark(_cards, page) {
    const { rows = [], negatives = [], guests = [], unlike_guests = [] } = page?.query ?? {};
    const keys = (own, others) => [...own, ...others.map((guest) => keyOf({ guest }))];
    const sides = { positive: keys(rows, guests), negative: keys(negatives, unlike_guests) };
    for (const [key, place] of places) {
      for (const sign of place.querySelectorAll(".sign")) {
        const isIn = sides[sign.dataset.side].includes(key);
        const { values } = JSON.parse(sign.dataset.request);
        const act = isIn ? "remove" : sign.dataset.side;
        sign.setAttribute("aria-pressed", isIn);
        sign.dataset.request = asks("example", { ...values, act });
      }
    }
  }

  function draw(place, shown) {
    place.closest(".gallery-panel").querySelector("h2").textContent = shown.heading;
    place.style.setProperty("--columns", shown.columns);
    const former = [...places.keys()];
    const focused = document.activeElement?.closest("ul.cards li");
    if (shown.sheet) {
      window.galaxyFinder.fetchSmallPictures(shown.sheet, shown.cards);
    }
    const now = shown.cards.map((galaxy, index) => [
      keyOf(galaxy),
      rank(placeOf(galaxy, shown), galaxy, index),
    ]);
    places.clear();
    now.forEach(([key, place]) => places.set(key, place));
    list().replaceChildren(...places.values());
    // Seen when a card is pointed at: the first frame does without.
    const open = () => now.forEach(([, place], index) => addOpener(place, shown.cards[index]));
    window.requestAnimationFrame(() => window.setTimeout(open));
    goOn(focused, former.join() === [...places.keys()].join());
  }

  drawers.gallery = draw;

  // To ask where it stands would have the whole page laid out before it is painted.
  let isScrolled = false;
  document.addEventListener(
    "scroll",
    function ({ target }) {
      if (target.id === "gallery") {
        isScrolled = target.scrollTop > 0;
      }
    },
    true,
  );
  function scrollToTop() {
    if (isScrolled) {
      document.getElementById("gallery").scrollTop = 0;
    }
  }

  // Another query starts from the top, another example goes on from where it was added. So does the
  // keyboard, whose card may be gone.
  function goOn(focused, areTheSame) {
    const { index, act, byKeyboard } = asked ?? {};
    const next = cards()[act === "search" ? 0 : Math.min(index ?? 0, places.size - 1)];
    if (!areTheSame && act !== "example") {
      scrollToTop();
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
    const button = event.target.closest?.("ul.cards :is(button[data-request], a)");
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
      if (event.detail > 1 && event.target.closest?.("ul.cards :is(button, a)")) {
        event.stopPropagation();
      }
    },
    true,
  );

  // The tab key stops at one card only, the one that had the focus last.
  document.addEventListener("focusin", function (event) {
    if (event.target.matches?.("ul.cards .card")) {
      for (const card of list().querySelectorAll(".card[tabindex='0']")) {
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
    const isCard = event.target.matches?.("ul.cards .card");
    if (isCard && isPlain && (event.repeat ? event.key in STEPS : true)) {
      if (keyed(event.target, event.key)) {
        event.preventDefault();
      }
    }
  });
  // Some browsers click when the space bar is let go.
  document.addEventListener("keyup", function (event) {
    if (event.key === " " && event.target.matches?.("ul.cards .card")) {
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
