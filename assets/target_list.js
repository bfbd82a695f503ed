// The dialog of the list of galaxies, and what its table does in the browser.

(function () {
  "use strict";

  const dialog = () => document.getElementById("list-dialog");

  function open() {
    dialog().showModal();
    focusFirst(300, 30);
  }

  // A table that was hidden until now is fetched first, draws its rows some frames later, and may
  // draw them twice: its first cell has the focus once it has kept it.
  function focusFirst(frames, framesToKeep) {
    const first = dialog().querySelector(".is-empty #list-text, .is-matched .ag-row .ag-cell");
    const { activeElement } = document;
    const isFree = activeElement === document.body || activeElement.id === "list-close";
    if (first && isFree) {
      first.focus();
    }
    if (frames > 0 && framesToKeep > 0) {
      const left = first && !isFree ? framesToKeep - 1 : framesToKeep;
      window.requestAnimationFrame(() => focusFirst(frames - 1, left));
    }
  }

  function close() {
    dialog().close();
  }

  // A click beside the dialog is a click on what lies behind it.
  document.addEventListener("click", function (event) {
    if (event.target === dialog()) {
      close();
    }
  });

  // The search field says what is there instead, and offers it.
  function searchFor(text) {
    const { set_props: set } = window.dash_clientside;
    set("search-text", { value: text });
    set("search-button", { n_clicks: Date.now() });
  }

  // An entry is opened by Enter, or by a click beside its box; without a galaxy it cannot be. One
  // that only has a galaxy nearest to it is searched for.
  function openEntry({ column, data, event }) {
    const meant =
      event.type === "keydown"
        ? event.key === "Enter"
        : column.getColId() !== "ag-Grid-SelectionColumn";
    if (meant && data.row !== null) {
      const { row, separation_arcsec, isMatched, text } = data;
      if (isMatched) {
        window.galaxyFinder.ask("list", { rows: [row], separation_arcsec });
      } else {
        searchFor(text);
      }
      close();
    }
  }

  // Most visits bring no list, and ask the server nothing.
  function showIfAny(brought, shown) {
    return brought || shown ? brought : window.dash_clientside.no_update;
  }

  // Several entries may match the same galaxy.
  const rowsOf = (entries) => [
    ...new Set((entries ?? []).filter((entry) => entry.isMatched).map((entry) => entry.row)),
  ];

  function use(_clicks, entries) {
    window.galaxyFinder.ask("list", { rows: rowsOf(entries) });
  }

  function add(_clicks, entries) {
    window.galaxyFinder.ask("example", { act: "positive", rows: rowsOf(entries) });
  }

  window.dashAgGridFunctions = Object.assign({}, window.dashAgGridFunctions, { openEntry });
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    target_list: { open, close, showIfAny, use, add },
  });
})();
