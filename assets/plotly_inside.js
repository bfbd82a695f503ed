// All that we read of plotly's own parts, which no page of its manual names. Checked with plotly.js
// 4.1.1; what else is known of a plot, its `data` and `layout`, is public and read directly.

(function () {
  "use strict";

  // Where a place of the map is drawn, in px from the corner of the plot; null before there is one.
  function pixelsOf(plot, [x, y]) {
    if (!plot?._fullLayout) {
      return null;
    }
    const { xaxis, yaxis } = plot._fullLayout;
    const [left, top] = [xaxis.l2p(x), yaxis.l2p(y)];
    return {
      left: xaxis._offset + left,
      top: yaxis._offset + top,
      isInView: left >= 0 && left <= xaxis._length && top >= 0 && top <= yaxis._length,
    };
  }

  // The traces as they are drawn: with all defaults, and numbers where `data` has packed bytes.
  const tracesOf = (plot) => plot._fullData;

  // Where the map is drawn in the plot, in px, and what of it; also while it is being moved.
  function viewOf(plot) {
    if (!plot?._fullLayout || !plot.clientWidth) {
      return null;
    }
    const { xaxis, yaxis } = plot._fullLayout;
    const [width, height] = [xaxis._length, yaxis._length];
    return {
      left: xaxis._offset,
      top: yaxis._offset,
      width,
      height,
      x: [xaxis.p2l(0), xaxis.p2l(width)],
      y: [yaxis.p2l(height), yaxis.p2l(0)],
    };
  }

  // plotly itself is there once it has drawn the map.
  async function mapDrawn() {
    for (;;) {
      const plot = document.querySelector("#map .js-plotly-plot");
      if (plot?._fullData && window.Plotly) {
        return plot;
      }
      await new Promise((done) => window.setTimeout(done, 50));
    }
  }

  window.galaxyFinder = Object.assign(window.galaxyFinder ?? {}, {
    pixelsOf,
    tracesOf,
    viewOf,
    mapDrawn,
  });
})();
