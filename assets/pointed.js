// One galaxy, three places: what the pointer or the keyboard is on in gallery or table is marked on
// the map, what the pointer is on there is marked in gallery and table. The server is not asked.

(function () {
  "use strict";

  const TABLE = "neighbour-table";

  const cards = () => [...document.querySelectorAll("ul.cards button.card")];
  const rowOfCard = (card) => JSON.parse(card.id).row;
  const plotDrawn = () => document.querySelector("#map .js-plotly-plot");
  // The rings around the neighbours, in the order of the cards.
  const ringsDrawn = () => plotDrawn()?.data?.[plotDrawn().layout.meta.traces.neighbours];

  function table() {
    const isThere = document.querySelector(`#${TABLE} .ag-row`);
    return isThere ? window.dash_ag_grid.getApi(TABLE) : null;
  }

  // A rule of style holds for rows that the table draws only later.
  const marks = new CSSStyleSheet();
  document.adoptedStyleSheets.push(marks);
  function markEntries(row) {
    const card = `ul.cards button.card[id='{"row":${row},"type":"neighbour-card"}'] .picture`;
    const cells = `#${TABLE} .ag-row[row-id="${row}"]`;
    marks.replaceSync(
      row === null
        ? ""
        : `${card} { box-shadow: 0 0 0 3px var(--selection); }
           ${cells} { box-shadow: inset 0 2px var(--selection), inset 0 -2px var(--selection); }`,
    );
  }

  // --- from gallery and table to the map ---

  function ring() {
    const frame = document.querySelector(".map-frame");
    const drawn = frame.querySelector(".map-pointed");
    if (drawn) {
      return drawn;
    }
    const made = document.createElement("span");
    made.className = "map-pointed";
    frame.append(made);
    // Below it the map may be moved, by its buttons too.
    plotDrawn().on("plotly_relayout", placeRing);
    plotDrawn().on("plotly_relayouting", placeRing);
    return made;
  }

  let place = null; // [x, y] in the map's coordinates
  let row = null;
  function placeRing() {
    const onMap = () => window.galaxyFinder.pixelsOf(plotDrawn(), place ?? [NaN, NaN]);
    const { sky } = window.galaxyFinder;
    const at = sky.isSeen() ? (sky.pixelsOf(row) ?? { isInView: false }) : onMap();
    if (!at) {
      return;
    }
    ring().hidden = !at.isInView;
    ring().style.translate = at.isInView ? `${at.left}px ${at.top}px` : "";
  }

  function placeOf(element) {
    const cells = element.closest(`#${TABLE} .ag-row`);
    if (cells) {
      const node = table()?.getRowNode(cells.getAttribute("row-id"));
      return node ? { row: node.data.row, place: node.data.at } : null;
    }
    // Among galaxies of several atlases a card's place is not that of a ring.
    const card = element.closest("ul.cards li[data-atlas-title='']")?.querySelector("button.card");
    const rings = ringsDrawn();
    const index = card ? cards().indexOf(card) : -1;
    return card && rings?.x?.length > index
      ? { row: rowOfCard(card), place: [rings.x[index], rings.y[index]] }
      : null;
  }

  function point({ target }) {
    const pointed = target instanceof Element ? placeOf(target) : null;
    if (!pointed && !place) {
      return;
    }
    place = pointed?.place ?? null;
    row = pointed?.row ?? null;
    markEntries(row);
    placeRing();
  }
  document.addEventListener("pointerover", point);
  document.addEventListener("focusin", point);

  // --- from the map to gallery and table ---

  function showWithin(box, element) {
    const [outer, inner] = [box.getBoundingClientRect(), element.getBoundingClientRect()];
    const above = Math.min(inner.top - outer.top, 0);
    const below = Math.max(inner.bottom - outer.bottom, 0);
    box.scrollTop += above || below; // the box alone: the page must not run away
  }

  function pointedOnMap(hover) {
    const { x, y } = hover?.points?.[0] ?? {};
    const rings = ringsDrawn() ?? { x: [], y: [] };
    const card = cards()[rings.x.findIndex((at, i) => at === x && rings.y[i] === y)];
    let found = card ? rowOfCard(card) : null;
    if (card) {
      showWithin(document.getElementById("gallery"), card);
    }
    table()?.forEachNode(function (node) {
      if (node.data.at[0] === x && node.data.at[1] === y) {
        found = node.data.row;
        table().ensureNodeVisible(node);
      }
    });
    markEntries(found);
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    pointed: { pointedOnMap },
  });
})();
