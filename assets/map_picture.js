// The map as a picture for a paper: what is in view, on white, with axes, legend and title.

(function () {
  "use strict";

  const [WIDTH_PX, HEIGHT_PX, SCALE] = [900, 760, 3]; // 300 dots per inch at 9 inches
  const MOST_DRAWN_ONE_BY_ONE = 20000; // more make a file that no program opens; they are painted
  const INK = "#1a1a1a";

  const isThere = ({ visible }) => visible === true; // a trace without points is not

  function rings(trace, name, colour) {
    return [trace].filter(isThere).map(({ x, y, marker: { symbol, size, line } }) => ({
      mode: "markers",
      name,
      x,
      y,
      marker: { symbol, size, color: colour, line },
    }));
  }

  function legendEntry(name, colour) {
    return {
      mode: "markers",
      name,
      x: [null],
      y: [null],
      marker: { size: 9, color: colour },
      showlegend: true,
    };
  }

  function logarithmicTicks(low, high) {
    const ticks = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1) {
      ticks.push(...[1, 2, 5].map((digit) => digit * 10 ** power));
    }
    const shown = ticks.filter((tick) => tick >= low && tick <= high);
    return { tickvals: shown.map(Math.log10), ticktext: shown.map(String) };
  }

  const plain = (number) => String(Number(number.toPrecision(3)));

  // The data's range where some of them lie beyond the ends of the scale.
  function rangeOf({ limits, extent }) {
    const isBeyond = extent && (extent[0] < limits[0] || extent[1] > limits[1]);
    return isBeyond ? `<br><sub>ends: below and above; data ${extent.map(plain).join(" to ")}</sub>` : "";
  }

  function colourBar(legend) {
    const { title, limits, log, scale } = legend;
    const [low, high] = log ? limits.map(Math.log10) : limits;
    return {
      mode: "markers",
      x: [null],
      y: [null],
      showlegend: false,
      marker: {
        color: [low],
        cmin: low,
        cmax: high,
        colorscale: scale.map((colour, i) => [i / (scale.length - 1), colour]),
        showscale: true,
        colorbar: {
          title: { text: title + rangeOf(legend), side: "right" },
          thickness: 14,
          outlinewidth: 0,
          ticks: "outside",
          ...(log ? logarithmicTicks(...limits) : {}),
        },
      },
    };
  }

  function axis(title, { range }) {
    const line = { linecolor: INK, tickcolor: INK, zeroline: false, showgrid: false };
    return { title: { text: title }, range: [...range], mirror: true, ticks: "outside", ...line };
  }

  function meaningOf(legend, light) {
    const unknown = legend.unknown ? [legendEntry("not known", light.unknown)] : [];
    return legend.limits
      ? [...(legend.title ? [colourBar(legend)] : []), ...unknown]
      : [...legend.categories.map(([name, hue]) => legendEntry(name, hue)), ...unknown];
  }

  function onWhite({ title }) {
    return {
      template: {},
      title: { text: title, x: 0.5, xanchor: "center" },
      font: { family: "Helvetica, Arial, sans-serif", size: 15, color: INK },
      paper_bgcolor: "#fff",
      plot_bgcolor: "#fff",
    };
  }

  function legendBelow({ limits, title }, y) {
    const text = limits || !title ? "" : title;
    return { title: { text }, orientation: "h", y, yanchor: "top" };
  }

  // Of a map of very many: how many there are.
  function pictureBelow(scale) {
    const found = window.galaxyFinder.tilesOnPaper(scale);
    if (!found) {
      return [];
    }
    const { source, x, y } = found;
    const place = { x: x[0], y: y[1], sizex: x[1] - x[0], sizey: y[1] - y[0] };
    return [{ source, ...place, xref: "x", yref: "y", sizing: "stretch", layer: "below" }];
  }

  // plotly's own picture has the colours of the screen, no axes and no legend.
  function figureOf(plot) {
    const { meta, xaxis, yaxis } = plot.layout;
    const [light, legend] = [meta.themes.light, meta.legend];
    const traces = window.galaxyFinder.tracesOf(plot);
    const galaxies = traces[meta.traces.galaxies];
    const [greyX, greyY] = ["x", "y"].map((axis) => Array.from(traces[meta.traces.leftOut][axis] ?? []));
    const { x, y } = galaxies;
    const type = x.length > MOST_DRAWN_ONE_BY_ONE ? "scattergl" : "scatter";
    const { size, opacity, cmin, cmax } = galaxies.marker;
    const line = { width: 0 };
    const coloured = { size, opacity, cmin, cmax, colorscale: light.colorscale, line };
    const isLeftOut = greyX.map((_, i) => Number.isNaN(y[i]));
    const leftOut = {
      ...legendEntry("outside the filters", light.unknown),
      x: greyX.filter((_, i) => isLeftOut[i]),
      y: greyY.filter((_, i) => isLeftOut[i]),
      marker: { size, opacity: 0.5, color: light.unknown, line },
      showlegend: isLeftOut.includes(true),
    };
    const one = [galaxies, traces[meta.traces.nearby], traces[meta.traces.inView] ?? {}];
    const points = one.filter(isThere).map((trace) => ({
      mode: "markers",
      x: Array.from(trace.x),
      y: Array.from(trace.y),
      marker: { ...coloured, color: Array.from(trace.marker.color) },
      showlegend: false,
    }));
    const region = [traces[meta.traces.region]].filter(isThere).map((trace) => ({
      mode: "lines",
      name: "selection",
      x: trace.x,
      y: trace.y,
      line: { ...trace.line, color: light.selection },
    }));
    return {
      data: [
        leftOut,
        ...points,
        ...meaningOf(legend, light),
        ...rings(traces[meta.traces.neighbours], meta.rings ?? "most similar", light.selection),
        ...rings(traces[meta.traces.query], "query", light.selection),
        ...rings(traces[meta.traces.negatives], "not like this", light.negative),
        ...region,
      ].map((trace) => ({ ...trace, type })), // one kind: what is painted covers what is drawn
      layout: {
        ...onWhite(meta),
        margin: { l: 70, r: 30, t: 60, b: 70 },
        xaxis: axis(`${meta.layout} 1`, xaxis),
        yaxis: axis(`${meta.layout} 2`, yaxis),
        legend: legendBelow(legend, -0.12),
        images: pictureBelow(light.colorscale),
      },
      config: { plotGlPixelRatio: 4 },
    };
  }

  const SKY = { l: 20, r: 20, t: 60, b: 130 };
  const SKY_HEIGHT_PX = 640;

  function figureOfSky(plot, sky) {
    const { meta } = plot.layout;
    const shown = sky.forPaper(WIDTH_PX - SKY.l - SKY.r, SKY_HEIGHT_PX - SKY.t - SKY.b);
    const isMany = shown.data.some(({ x }) => x.length > MOST_DRAWN_ONE_BY_ONE);
    return {
      data: [...shown.data, ...meaningOf(meta.legend, meta.themes.light)].map((trace) => ({
        ...trace,
        type: isMany ? "scattergl" : "scatter",
      })),
      layout: {
        ...onWhite(meta),
        ...shown.axes,
        annotations: shown.annotations,
        margin: SKY,
        legend: legendBelow(meta.legend, -0.04),
      },
      config: { plotGlPixelRatio: 4 },
    };
  }

  async function save(button) {
    const menu = button.closest(".menu-body");
    const message = menu.querySelector("[role=status]");
    const plot = document.querySelector("#map .js-plotly-plot");
    button.disabled = true;
    message.textContent = "Drawing the picture …";
    await new Promise((done) => setTimeout(done, 30)); // so that this can be read
    try {
      const { sky } = window.galaxyFinder;
      const [figure, kind, height] = sky.isSeen()
        ? [figureOfSky(plot, sky), "sky", SKY_HEIGHT_PX]
        : [figureOf(plot), "map", HEIGHT_PX];
      await window.Plotly.downloadImage(figure, {
        format: button.dataset.mapFormat,
        width: WIDTH_PX,
        height,
        scale: button.dataset.mapFormat === "svg" ? 1 : SCALE,
        filename: `${plot.layout.meta.name}-${kind}`,
      });
      message.textContent = "";
    } catch (error) {
      console.error(error);
      message.textContent =
        "The browser could not draw this picture. Try the other kind, or reload the page first.";
    }
    button.disabled = false;
  }

  document.addEventListener("click", function (event) {
    const button = event.target.closest?.("button[data-map-format]");
    if (button) {
      save(button);
    }
  });
})();
