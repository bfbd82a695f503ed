// The table of neighbours in the browser: when to ask for its rows, which columns it shows, and what
// is done with a row.

(function () {
  "use strict";

  window.dash_clientside = window.dash_clientside || {};

  // What Dash leaves as it is; its own name is there only once a page runs.
  const unchanged = () => window.dash_clientside.no_update;

  // Who looks at the gallery does not wait for a thousand rows.
  function askWhenShown(page, view, asked) {
    const shown = page && { atlas: page.atlas, query: page.query };
    const isAsked = JSON.stringify(shown) === JSON.stringify(asked);
    return view === "table" && shown && !isAsked ? shown : unchanged();
  }

  function showColumns(chosen, definitions) {
    const ofCatalogue = ({ colId }) => colId.startsWith("~");
    return definitions.map((one) =>
      ofCatalogue(one) ? { ...one, hide: !chosen.includes(one.colId) } : one,
    );
  }

  const inOrder = (rows) => [...(rows ?? [])].sort((one, other) => one.rank - other.rank);

  function ranksOf(rows, former) {
    const ranks = inOrder(rows).map((row) => row.rank);
    return String(ranks) === String(former ?? []) ? unchanged() : ranks;
  }

  function addSelected(_clicks, selected) {
    const rows = inOrder(selected).map((one) => one.row);
    window.galaxyFinder.ask("example", { act: "positive", rows });
  }

  function none() {
    return [];
  }

  // --- what dashboard/tables/neighbours.py names ---

  const MOST_DECIMALS = 8; // smaller numbers are written as powers of ten
  function fixed(number, decimals) {
    if (number === null || number === undefined) {
      return "–";
    }
    const text = decimals > MOST_DECIMALS ? number.toExponential(3) : number.toFixed(decimals);
    return text.replaceAll("-", "−");
  }

  const isMissing = (value) => value === null || value === undefined || value === "–";

  // As code_order of dashboard/filters/codes.py: "−5 (E)" and "3 (Sb)" by their size, then words.
  function inCodeOrder(one, other) {
    const [size, otherSize] = [one, other].map(function (text) {
      const code = text.match(/^[-−]?\d+(?= \(|$)/);
      return code ? Number(code[0].replace("−", "-")) : Infinity;
    });
    return size === otherSize ? one.localeCompare(other) : size - otherSize;
  }

  // Galaxies without a value stay at the end, whichever way the others are sorted.
  function missingLast(one, other, _nodeOfOne, _nodeOfOther, isDescending) {
    if (isMissing(one) || isMissing(other)) {
      return (isMissing(one) - isMissing(other)) * (isDescending ? -1 : 1);
    }
    return typeof one === "string" ? inCodeOrder(one, other) : one - other;
  }

  const KEYS = { "+": "positive", "-": "negative", "−": "negative" };

  function act({ column, data, event }) {
    const isKey = event.type === "keydown";
    const ofOthers = isKey && (event.ctrlKey || event.metaKey || event.altKey);
    if (ofOthers || column.getColId() === "ag-Grid-SelectionColumn") {
      return;
    }
    if (isKey ? event.key === "Enter" : event.target.closest?.(".table-name")) {
      window.galaxyFinder.ask("row", { row: data.row });
    } else if (isKey && event.key.toLowerCase() === "v") {
      window.galaxyFinder.enlarge(data.row, true);
    } else if (isKey && event.key in KEYS) {
      window.galaxyFinder.ask("example", { act: KEYS[event.key], row: data.row });
    }
  }

  // React comes after this script.
  const make = (...about) => window.React.createElement(...about);

  // The keyboard has the cells, where keys do the same: buttons would be stops of their own.
  function button(sign, words, about) {
    const called = { title: words, "aria-label": words, key: sign };
    return make("button", { ...called, ...about, type: "button", tabIndex: -1 }, sign);
  }

  function Galaxy({ data, value }) {
    const about = JSON.stringify({ url: data.picture, lazy: true });
    const picture = make("span", { className: "picture", key: "picture", "data-picture": about });
    const name = button(value, `Search from ${value}`, { className: "table-name" });
    return make(window.React.Fragment, null, picture, name);
  }

  function Actions({ data }) {
    const asks = (act) => JSON.stringify({ kind: "example", values: { act, row: data.row } });
    const to = (act) => ({ className: "table-sign", "data-request": asks(act) });
    return make(
      "span",
      { className: "table-signs" },
      button("+", `Add ${data.galaxy} to the query`, to("positive")),
      button("−", `Not like ${data.galaxy}`, to("negative")),
      button("⤢", `Enlarge ${data.galaxy}`, { className: "table-sign", "data-enlarge": data.row }),
    );
  }

  window.dashAgGridFunctions = Object.assign({}, window.dashAgGridFunctions, {
    act,
    fixed,
    missingLast,
  });
  window.dashAgGridComponentFunctions = Object.assign({}, window.dashAgGridComponentFunctions, {
    Actions,
    Galaxy,
  });
  window.dash_clientside.table = { askWhenShown, showColumns, ranksOf, none, addSelected };
})();
