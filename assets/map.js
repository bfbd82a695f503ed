// The map in the browser: what the server need not be asked, and its pictures to take away.

(function () {
  "use strict";

  window.dash_clientside = window.dash_clientside || {};

  // What Dash leaves as it is; its own name is there only once a page runs.
  const unchanged = () => window.dash_clientside.no_update;
  const mapDrawn = () => document.querySelector("#map .js-plotly-plot");

  function recolourForTheme(theme, figure) {
    const { themes, traces } = figure.layout.meta;
    const colours = themes[theme === "light" ? "light" : "dark"];
    const patch = new window.dash_clientside.Patch();
    for (const [trace, part, property, colour] of [
      [traces.leftOut, "marker", "color", colours.unknown],
      [traces.galaxies, "marker", "colorscale", colours.colorscale],
      [traces.nearby, "marker", "colorscale", colours.colorscale],
      ...(traces.inView ? [[traces.inView, "marker", "colorscale", colours.colorscale]] : []),
      [traces.neighbours, "marker", "color", colours.selection],
      [traces.query, "marker", "color", colours.selection],
      [traces.negatives, "marker", "color", colours.negative],
      [traces.region, "line", "color", colours.selection],
    ]) {
      patch.assign(["data", trace, part, property], colour);
    }
    patch.assign(["layout", "newselection", "line", "color"], colours.selection);
    return patch.build();
  }

  // The hover card opens towards the middle of the map, or it would leave the page.
  function sideOfHover(hover) {
    const box = hover?.points?.[0]?.bbox;
    if (!box) {
      return unchanged();
    }
    return box.x0 > document.getElementById("map").clientWidth / 2 ? "left" : "right";
  }

  function bytesOf(text) {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  }

  // Galaxies that the filters leave out move to the trace below: grey, out of the pointer's way.
  // That trace then holds the whole map; without filters it is empty. Nothing is sent but a bit for
  // each point, and point i stays the galaxy that it was.
  function moveLeftOut(passing, figure) {
    const { leftOut, galaxies: ofAll } = figure.layout.meta.traces;
    const [below, galaxies] = [figure.data[leftOut], figure.data[ofAll]];
    const patch = new window.dash_clientside.Patch();
    const place = (trace, axis, values) => patch.assign(["data", trace, axis], values);
    const wereLeftOut = !Array.isArray(below.y);
    if (!passing) {
      if (!wereLeftOut) {
        return unchanged();
      }
      place(ofAll, "y", below.y);
      place(leftOut, "x", []);
      place(leftOut, "y", []);
      return patch.build();
    }
    const whole = wereLeftOut ? below.y : galaxies.y;
    const bits = bytesOf(passing);
    const y = new Float32Array(bytesOf(whole.bdata).buffer);
    for (let point = 0; point < y.length; point += 1) {
      if (!((bits[point >> 3] >> (point & 7)) & 1)) {
        y[point] = NaN;
      }
    }
    const bytes = new Uint8Array(y.buffer);
    let letters = "";
    for (let start = 0; start < bytes.length; start += 8192) {
      letters += String.fromCharCode(...bytes.subarray(start, start + 8192));
    }
    place(ofAll, "y", { dtype: whole.dtype, bdata: btoa(letters) });
    place(leftOut, "x", galaxies.x);
    place(leftOut, "y", whole);
    return patch.build();
  }

  // --- selecting ---

  function cornersOf([left, right], [bottom, top]) {
    return [
      [left, bottom],
      [right, bottom],
      [right, top],
      [left, top],
    ];
  }

  // What plotly has selected it also fades and outlines, for ever; the filters show it instead.
  // Dash takes over what relayout says, and only that.
  async function forgetSelection() {
    const plot = mapDrawn();
    await window.Plotly.relayout(plot, { selections: [] });
    window.Plotly.restyle(plot, { selectedpoints: [null] });
  }

  // Plotly must not be changed while the next one is being drawn: it would be lost.
  let isPressed = false;
  let waiting = null;

  function whenReleased(act) {
    if (isPressed) {
      waiting = act;
    } else {
      window.setTimeout(() => (isPressed ? whenReleased(act) : act()));
    }
  }

  window.galaxyFinder.whenReleased = whenReleased;

  document.addEventListener("pointerdown", () => (isPressed = true), true);
  for (const ending of ["pointerup", "pointercancel"]) {
    window.addEventListener(
      ending,
      function () {
        isPressed = false;
        const act = waiting;
        waiting = null;
        if (act) {
          whenReleased(act);
        }
      },
      true,
    );
  }

  function selectedOnMap() {
    const prop = window.dash_clientside.callback_context.triggered[0]?.prop_id ?? "";
    return prop.endsWith("selectedData");
  }

  // What a hand has drawn, or else all that is in view.
  function placesDrawn(selected) {
    if (!selectedOnMap()) {
      const { xaxis, yaxis } = mapDrawn().layout;
      return cornersOf(xaxis.range, yaxis.range);
    }
    const { lassoPoints: lasso, range } = selected ?? {};
    if (!lasso && !range) {
      return null;
    }
    whenReleased(forgetSelection);
    return lasso ? lasso.x.map((x, i) => [x, lasso.y[i]]) : cornersOf(range.x, range.y);
  }

  function select(selected) {
    if (!selectedOnMap() && window.galaxyFinder.sky.isSeen()) {
      window.galaxyFinder.ask("region", window.galaxyFinder.sky.inView());
      return;
    }
    const places = placesDrawn(selected);
    if (places) {
      window.galaxyFinder.ask("region", { places });
    }
  }

  // A click is told without the keys that were held down.
  let sign = null;
  document.addEventListener(
    "pointerdown",
    function (event) {
      sign = event.shiftKey ? "positive" : event.altKey ? "negative" : null;
    },
    true,
  );

  // A double click resets the zoom and does only that, but its first click does not wait for a
  // second one: what it asked for is taken back. Dash may hear of either click late. With other keys
  // held down it is another click, however soon it comes.
  const DOUBLE_MS = 300; // plotly's own doubleClickDelay
  let [presses, pressedAt, pressedSign, before] = [0, -Infinity, null, null];

  function takeBack() {
    if (before && presses > 1) {
      window.galaxyFinder.ask("take-back", { query: before });
    }
    before = null;
  }

  document.addEventListener(
    "mousedown",
    function (event) {
      const plot = mapDrawn();
      if (!plot?.contains(event.target)) {
        return;
      }
      const now = performance.now();
      const isAgain = now - pressedAt < DOUBLE_MS && sign === pressedSign;
      presses = isAgain ? presses + 1 : 1;
      [pressedAt, pressedSign] = [now, sign];
      if (presses === 1) {
        before = null;
        plot.removeListener?.("plotly_doubleclick", takeBack);
        plot.on?.("plotly_doubleclick", takeBack);
      }
    },
    true,
  );

  // A click that is read is forgotten, or a second one on the same point would be no event.
  function clicked(click, page) {
    const { curveNumber, pointNumber, customdata } = click?.points?.[0] ?? {};
    if (pointNumber === undefined) {
      return unchanged();
    }
    if (presses > 1) {
      return null;
    }
    before = page && window.galaxyFinder.isSettled(page) ? page.query : null;
    const point = { curveNumber, pointNumber, customdata };
    window.galaxyFinder.ask("point", sign === null ? { point } : { act: sign, point });
    return null;
  }

  // Before menus hear of it: Escape closes one thing at a time.
  document.addEventListener(
    "keydown",
    function (event) {
      const clear = document.getElementById("map-clear");
      const elsewhere = event.target.closest?.("input, select, textarea, dialog, .modal");
      if (event.key !== "Escape" || !clear || elsewhere || clear.closest("[hidden]")) {
        return;
      }
      if (!document.querySelector(".menu[open], dialog[open], .modal.show")) {
        clear.click();
        event.preventDefault(); // it closes one thing at a time
      }
    },
    true,
  );

  // The button that was pressed is gone with the selection.
  document.addEventListener("click", function (event) {
    if (event.target.closest?.(".map-selection")) {
      document.getElementById("map-select-view").focus({ preventScroll: true });
    }
  });

  window.dash_clientside.map = { clicked, recolourForTheme, sideOfHover, moveLeftOut, select };
})();
