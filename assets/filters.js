// Filters in the browser: slider and fields of a range, and the galaxies that the map leaves out.

(function () {
  "use strict";

  window.dash_clientside = window.dash_clientside || {};

  const [LEFT_OUT, GALAXIES] = [0, 1]; // traces of dashboard/figures.py

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

  function bytesOf(text) {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  }

  // Galaxies that the filters leave out move to the trace below: grey, out of the pointer's way.
  // That trace then holds the whole map; without filters it is empty. Nothing is sent but a bit for
  // each galaxy, and point i stays row i.
  function moveLeftOut(passing, figure) {
    const [below, galaxies] = [figure.data[LEFT_OUT], figure.data[GALAXIES]];
    const patch = new window.dash_clientside.Patch();
    const place = (trace, axis, values) => patch.assign(["data", trace, axis], values);
    const wereLeftOut = !Array.isArray(below.y);
    if (!passing) {
      if (!wereLeftOut) {
        return unchanged();
      }
      place(GALAXIES, "y", below.y);
      place(LEFT_OUT, "x", []);
      place(LEFT_OUT, "y", []);
      return patch.build();
    }
    const whole = wereLeftOut ? below.y : galaxies.y;
    const bits = bytesOf(passing);
    const y = new Float32Array(bytesOf(whole.bdata).buffer);
    for (let row = 0; row < y.length; row += 1) {
      if (!((bits[row >> 3] >> (row & 7)) & 1)) {
        y[row] = NaN;
      }
    }
    const bytes = new Uint8Array(y.buffer);
    let letters = "";
    for (let start = 0; start < bytes.length; start += 8192) {
      letters += String.fromCharCode(...bytes.subarray(start, start + 8192));
    }
    place(GALAXIES, "y", { dtype: whole.dtype, bdata: btoa(letters) });
    place(LEFT_OUT, "x", galaxies.x);
    place(LEFT_OUT, "y", whole);
    return patch.build();
  }

  window.dash_clientside.filters = { keepRangeInStep, paintRange, keepFocus, moveLeftOut };
})();
