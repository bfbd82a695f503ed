// The table of neighbours in the browser: when to ask for its rows, which columns it shows, and what
// is done with a row.

(function () {
  "use strict";

  window.dash_clientside = window.dash_clientside || {};

  // What Dash leaves as it is; its own name is there only once a page runs.
  const unchanged = () => window.dash_clientside.no_update;

  // Who looks at the gallery does not wait for a thousand rows.
  function askWhenShown(query, view, asked) {
    const isAsked = JSON.stringify(query) === JSON.stringify(asked);
    return view === "table" && query && !isAsked ? query : unchanged();
  }

  function showColumns(chosen, definitions) {
    const ofCatalogue = ({ colId }) => colId.startsWith("~");
    return definitions.map((one) =>
      ofCatalogue(one) ? { ...one, hide: !chosen.includes(one.colId) } : one,
    );
  }

  function ranksOf(rows) {
    return (rows ?? []).map((row) => row.rank).sort((one, other) => one - other);
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

  // Galaxies without a value stay at the end, whichever way the others are sorted.
  function missingLast(one, other, _nodeOfOne, _nodeOfOther, isDescending) {
    if (isMissing(one) || isMissing(other)) {
      return (isMissing(one) - isMissing(other)) * (isDescending ? -1 : 1);
    }
    return typeof one === "string" ? one.localeCompare(other) : one - other;
  }

  const KEYS = { "+": "positive", "-": "negative", "−": "negative" };

  function act({ column, data, event }, setEventData) {
    const isKey = event.type === "keydown";
    const ofOthers = isKey && (event.ctrlKey || event.metaKey || event.altKey);
    if (ofOthers || column.getColId() === "ag-Grid-SelectionColumn") {
      return;
    }
    if (isKey ? event.key === "Enter" : event.target.closest?.(".table-name")) {
      setEventData({ row: data.row });
    } else if (isKey && event.key in KEYS) {
      window.galaxyFinder.changeExamples({ act: KEYS[event.key], row: data.row });
    }
  }

  const make = window.React.createElement;

  // The keyboard has the cells, where keys do the same: buttons would be stops of their own.
  function button(sign, words, about) {
    const called = { title: words, "aria-label": words, key: sign };
    return make("button", { ...called, ...about, type: "button", tabIndex: -1 }, sign);
  }

  function Galaxy({ data, value }) {
    const image = make("img", { src: data.picture, alt: "", key: "image", loading: "lazy" });
    const missing = make("span", { className: "picture-missing", key: "missing" });
    const state = data.picture ? "" : " is-missing";
    const children = data.picture ? [image, missing] : [missing];
    const picture = make("span", { className: "picture" + state, key: "picture" }, children);
    const name = button(value, `Search from ${value}`, { className: "table-name" });
    return make(window.React.Fragment, null, picture, name);
  }

  // assets/tray.js does what they say.
  function Actions({ data }) {
    const to = (act) => ({ className: "table-sign", "data-act": act, "data-row": data.row });
    return make(
      "span",
      { className: "table-signs" },
      button("+", `Add ${data.galaxy} to the query`, to("positive")),
      button("−", `Not like ${data.galaxy}`, to("negative")),
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
  window.dash_clientside.table = { askWhenShown, showColumns, ranksOf, none };
})();
