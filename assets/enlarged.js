// A galaxy large, beside the one that was asked for: which pair is shown, how to go on to the next,
// and what is known of both. The pictures are in enlarged_pictures.js.

(function () {
  "use strict";

  const { make, makePictures } = window.galaxyFinder;

  const pictures = makePictures();
  let list = { subject: null, galaxies: [] };
  let row = null; // of the galaxy that is shown
  let n = 0; // of the last question; answers to others come too late

  const button = (words, attributes, act) => {
    const made = make("button", { class: "btn is-small", type: "button", ...attributes }, words);
    made.addEventListener("click", act);
    return made;
  };
  const title = make("h2", { id: "enlarged-title", "aria-live": "polite" });
  const previous = button("‹", { title: "Previous (left arrow)" }, () => step(-1));
  previous.append(make("span", { class: "enlarged-word" }, "Previous"));
  const next = button("›", { title: "Next (right arrow)" }, () => step(1));
  next.prepend(make("span", { class: "enlarged-word" }, "Next"));
  const search = button("Search from here", {}, searchFromHere);
  const close = button(
    "×",
    { class: "dismiss", title: "Close (Escape)", "aria-label": "Close" },
    () => dialog.close(),
  );
  const data = make("section", { class: "enlarged-data", "aria-label": "Data", tabindex: 0 });
  const who = make("div", { class: "enlarged-who" });
  pictures.place.append(who);
  const failed = make("p", { class: "message is-error", role: "alert" });
  const dialog = make(
    "dialog",
    { class: "enlarged", "aria-labelledby": "enlarged-title" },
    make("div", { class: "enlarged-head" }, title, previous, next, ...pictures.buttons, search, close),
    failed,
    make("div", { class: "enlarged-body" }, pictures.place, data),
  );
  document.body.append(dialog);

  // --- which ---

  const places = () => {
    const rows = list.galaxies.map((galaxy) => galaxy.row);
    return list.subject === null ? rows : [list.subject, ...rows];
  };

  function step(by) {
    const all = places();
    const place = all.indexOf(row) + by;
    if (place >= 0 && place < all.length) {
      show(all[place]);
    }
  }

  function heading(galaxy) {
    const place = list.galaxies.findIndex((one) => one.row === row);
    return place < 0 ? galaxy.name : `${place + 1} of ${list.galaxies.length}: ${galaxy.name}`;
  }

  function roleOf(galaxy) {
    const listed = list.galaxies.find((one) => one.row === galaxy.row);
    if (galaxy.row === list.subject) {
      return "Asked for";
    }
    return listed ? `Neighbour ${listed.rank}, similarity ${listed.similarity}` : "Galaxy";
  }

  function ownPicture() {
    const isShown = document.getElementById("own-frame")?.hidden === false;
    return isShown && list.subject === null ? document.getElementById("own-seen").src : null;
  }

  async function show(wanted) {
    n += 1;
    const asked = n;
    row = wanted;
    const { atlas } = document.querySelector(".page").dataset;
    const beside = list.subject === null || list.subject === row ? "" : `?beside=${list.subject}`;
    dialog.setAttribute("aria-busy", "true");
    try {
      const { answers } = document.querySelector(".enlarged-files").dataset;
      const answer = await fetch(`${answers}${atlas}/${row}${beside}`);
      const text = await answer.text();
      if (!answer.ok) {
        throw new Error(text);
      }
      const shown = JSON.parse(text);
      if (asked === n) {
        failed.textContent = "";
        draw(shown);
      }
    } catch (_error) {
      if (asked === n) {
        failed.textContent = "The server has not sent this galaxy. Close this view and open it again.";
      }
    }
    dialog.removeAttribute("aria-busy");
  }

  function draw(shown) {
    const galaxies = shown.galaxies.map((galaxy) => ({ ...galaxy, role: roleOf(galaxy) }));
    const last = galaxies.at(-1);
    title.textContent = heading(last);
    const all = places();
    previous.setAttribute("aria-disabled", all.indexOf(row) <= 0);
    next.setAttribute("aria-disabled", all.indexOf(row) >= all.length - 1);
    search.hidden = row === list.subject;
    pictures.show({ ...shown, galaxies, own: ownPicture() });
    drawData(shown, galaxies);
  }

  // --- what is known ---

  function line({ label, unit, meaning, ...values }, written) {
    const name = unit ? [label, make("span", { class: "hint" }, ` [${unit}]`)] : [label];
    return make(
      "tr",
      { title: meaning },
      make("th", { scope: "row" }, ...name),
      ...written.map((key) => make("td", { class: `is-${key}` }, values[key])),
    );
  }

  function drawData({ groups, apart }, galaxies) {
    const isPair = galaxies.length === 2;
    const hasErrors = groups.some((group) => group.lines.some((one) => one.errors));
    const head = ["Quantity", ...galaxies.map((galaxy) => galaxy.name)];
    const heads = [
      ...head,
      ...(isPair ? ["Difference"] : []),
      ...(hasErrors ? ["In errors"] : []),
    ];
    const written = ["first", "second", "difference", "errors"].slice(0, heads.length - 1);
    const table = make(
      "table",
      {},
      make("thead", {}, make("tr", {}, ...heads.map((one) => make("th", { scope: "col" }, one)))),
    );
    for (const { title: words, kind = "", lines } of groups) {
      const over = { scope: "rowgroup", colspan: heads.length };
      const group = words ? [make("tr", { class: "is-group" }, make("th", over, words))] : [];
      const body = lines.map((one) => line(one, written));
      table.append(make("tbody", { class: `is-${kind}` }, ...group, ...body));
    }
    const other = (name) => [" ", make("span", { class: "other-name" }, `${name},`)];
    const names = galaxies.map(({ name, also, position }) =>
      make(
        "p",
        {},
        make("strong", {}, also.length ? name : `${name},`),
        ...(also.length ? [" also", ...also.flatMap(other)] : []),
        " at ",
        make("span", { class: "other-name" }, position),
      ),
    );
    const note = isPair
      ? "Most alike first, measured by pairs of this atlas drawn at random. Differences are the " +
        "neighbour less what was asked for" +
        (hasErrors ? ", also in units of their errors (σ) where the catalogue has them." : ".")
      : ownPicture()
        ? "Your picture is not in the catalogue: there is nothing to compare these data with."
        : "";
    const hint = (text) => (text ? [make("p", { class: "hint" }, text)] : []);
    who.replaceChildren(...names, ...hint(apart));
    data.replaceChildren(...hint(note), table);
    data.scrollTop = 0;
  }

  // --- what is done ---

  function searchFromHere() {
    const card = document.querySelector(`ul.cards button.card[id='{"row":${row},"type":"neighbour-card"}']`);
    dialog.close();
    if (card && !list.fromTable) {
      card.click();
    } else {
      window.galaxyFinder.ask("row", { row });
    }
  }

  const STEPS = { ArrowLeft: -1, ArrowRight: 1 };
  dialog.addEventListener("keydown", function (event) {
    event.stopPropagation(); // what lies behind has keys of its own
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const isControl = event.target.matches("input, select");
    if (isPlain && event.key in STEPS && !isControl) {
      event.preventDefault();
      step(STEPS[event.key]);
    } else if (isPlain && event.key.toLowerCase() === "b" && !event.target.matches("select")) {
      pictures.toggle();
    }
  });
  dialog.addEventListener("click", function (event) {
    if (event.target === dialog) {
      dialog.close();
    }
  });
  dialog.addEventListener("close", pictures.rest);

  function openLarge(wanted, around) {
    list = around;
    dialog.showModal();
    next.focus();
    show(wanted);
  }

  window.galaxyFinder.openLarge = openLarge;
})();
