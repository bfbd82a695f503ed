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

  // A new row is where one goes on; the button of a removed one is gone with it.
  let rowsBefore = 0;
  function keepFocus() {
    window.requestAnimationFrame(function () {
      const rows = document.querySelectorAll(".filter-row");
      if (rows.length === rowsBefore + 1 && document.activeElement?.id === "filter-add") {
        rows[rows.length - 1].scrollIntoView({ block: "nearest" });
        rows[rows.length - 1].querySelector("input")?.focus();
      } else if (rows.length < rowsBefore && document.activeElement === document.body) {
        document.getElementById("filter-column")?.focus();
      }
      rowsBefore = rows.length;
    });
  }

  window.dash_clientside.filters = { keepRangeInStep, paintRange, keepFocus };
})();
