// Filters in the browser: slider and fields of a range.

(function () {
  "use strict";

  window.dash_clientside = window.dash_clientside || {};

  // What Dash leaves as it is; its own name is there only once a page runs.
  const unchanged = () => window.dash_clientside.no_update;

  const REST_MS = 300;
  let turns = 0;

  function within(number, first, last) {
    return Math.min(Math.max(number, first), last);
  }

  // A handle at its end leaves that end of the range open. A field may say more than the slider
  // reaches: that stays until the handle itself is moved.
  async function keepRangeInStep(slider, least, most, first, last) {
    const [low, high] = [within(least ?? first, first, last), within(most ?? last, first, last)];
    if (window.dash_clientside.callback_context.triggered_id?.type !== "filter-slider") {
      return [[Math.min(low, high), Math.max(low, high)], unchanged(), unchanged()];
    }
    // Keys move a handle in small steps: only where it stops is a step of the history.
    const turn = (turns += 1);
    await new Promise((done) => setTimeout(done, REST_MS));
    if (turn !== turns) {
      return [unchanged(), unchanged(), unchanged()];
    }
    return [
      unchanged(),
      slider[0] === low ? unchanged() : slider[0] <= first ? null : slider[0],
      slider[1] === high ? unchanged() : slider[1] >= last ? null : slider[1],
    ];
  }

  // Also while a handle is on its way.
  function paintRange(dragged, value, first, last) {
    const prop = window.dash_clientside.callback_context.triggered[0]?.prop_id ?? "";
    const ends = prop.endsWith("drag_value") ? dragged : value;
    const [from, to] = ends.map((end) => (100 * (end - first)) / (last - first) + "%");
    return { "--from": from, "--to": to };
  }

  // --- rows and requests ---

  // What the controls of a column say, as Filters.to_store has it; null for nothing.
  function valueOf(column, [least, most, choice, part]) {
    const of = (controls) => controls.find(({ id }) => id.column === column)?.value ?? null;
    const labels = of(choice) ?? []; // of a range and of a text: only what has no value
    if (labels.length) {
      return [...labels].sort();
    }
    const ends = [of(least), of(most)].map((end) => (end === "" ? null : end));
    return ends.some((end) => end !== null) ? ends : of(part) || null;
  }

  const filterOf = (page, column) => page?.query.filters[column] ?? null;
  const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);

  // What a similarity means: which share of random pairs of galaxies is less similar, cut to 0.1 %.
  function sayShare() {
    window.requestAnimationFrame(function () {
      const place = document.querySelector(".filter-share");
      if (!place) {
        return;
      }
      const least = place.closest(".filter-row").querySelector("input[type='number']").value;
      const thresholds = JSON.parse(place.dataset.thresholds);
      const n = thresholds.filter((threshold) => threshold < Number(least)).length;
      const pairs = n === thresholds.length ? "all random pairs" : `${n / 10} % of random pairs`;
      place.textContent = least
        ? `From ${least} on: more similar than ${pairs} of galaxies.`
        : "1 is the same, 0 unrelated. The bars are random pairs of galaxies.";
    });
  }

  // Controls also "change" when they appear, with what the page shows.
  function ask(...values) {
    const [page, message] = values.slice(-2);
    const { inputs_list: inputs, triggered } = window.dash_clientside.callback_context;
    sayShare();
    const { isNews, isSettled } = window.galaxyFinder;
    const columns = triggered.map(({ prop_id }) => JSON.parse(prop_id.split(".value")[0]).column);
    for (const column of new Set(columns)) {
      const value = valueOf(column, inputs);
      const isShown = !page || (isSettled(page) && isSame(value, filterOf(page, column)));
      if (isNews(`filter ${column}`, value) && !(isShown && !message)) {
        window.galaxyFinder.ask("filter", { column, value });
      }
    }
  }

  function removeRow(_clicks, rows, page) {
    const { triggered, triggered_id: button } = window.dash_clientside.callback_context;
    if (!triggered[0]?.value) {
      return unchanged(); // buttons that only appeared
    }
    const { column } = button;
    const { ask: request, isNews, isSettled } = window.galaxyFinder;
    if (isNews(`filter ${column}`, null) || !isSettled(page) || filterOf(page, column)) {
      request("filter", { column, value: null });
    }
    return rows.filter((row) => row.props["data-column"] !== column);
  }

  // The columns that have no row yet, and the first of them.
  function offer(rows, columns) {
    keepFocus(rows.length);
    sayShare();
    const taken = rows.map((row) => row.props["data-column"]);
    const left = columns.filter(({ value }) => !taken.includes(value));
    return [left, left[0]?.value ?? null];
  }

  // A new row is where one goes on; the button of a removed one is gone with it.
  let rowsBefore = 0;
  function keepFocus(nRows) {
    const before = rowsBefore;
    rowsBefore = nRows;
    window.requestAnimationFrame(function () {
      const rows = document.querySelectorAll(".filter-row");
      if (nRows === before + 1 && document.activeElement?.id === "filter-add") {
        rows[rows.length - 1].scrollIntoView({ block: "nearest" });
        rows[rows.length - 1].querySelector("input")?.focus();
      } else if (nRows < before && document.activeElement === document.body) {
        document.getElementById("filter-column")?.focus();
      }
    });
  }

  window.dash_clientside.filters = { keepRangeInStep, paintRange, ask, removeRow, offer };
})();
