// The sky for a paper: the figure of the screen on white, its lines named and as scale a bar.

const [NET, PLANE, EDGE, WORDS] = ["#d4d4d4", "#8a5a00", "#555", "#444"];

const isEmpty = ({ x }) => x.length === 0;

// `scale` as scaleOf of sky_words.js has it.
export function onPaper({ data, layout, shows }, view, { themes, rings }, scale) {
  const { light } = themes;
  const [net, plane, leftOut, galaxies, nearby, edge, neighbours, query, negatives, region] = data;
  const plain = (trace, about) => ({
    ...trace,
    showlegend: Boolean(about.name),
    x: Array.from(trace.x),
    y: Array.from(trace.y),
    ...about,
  });
  const line = (trace, color, name) => plain(trace, { line: { ...trace.line, color }, name });
  const points = (trace, about, name) => {
    const color = Array.isArray(trace.marker.color) || ArrayBuffer.isView(trace.marker.color)
      ? Array.from(trace.marker.color)
      : trace.marker.color;
    return plain(trace, { marker: { ...trace.marker, color, ...about }, name });
  };
  const bar = scale && barOf(view, scale);
  const words = layout.annotations.map((one) => ({
    ...one,
    font: { ...one.font, color: WORDS },
    bgcolor: "rgba(255, 255, 255, 0.85)",
  }));
  return {
    data: [
      line(net, NET),
      line(plane, PLANE, shows.plane ? "galactic plane" : undefined),
      points(leftOut, { color: light.unknown }, isEmpty(leftOut) ? undefined : "outside the filters"),
      points(galaxies, { colorscale: light.colorscale }),
      points(nearby, { colorscale: light.colorscale }),
      line(edge, EDGE, shows.edge ? "edge of the survey" : undefined),
      points(neighbours, { color: light.selection }, rings ?? "most similar"),
      points(query, { color: light.selection }, "query"),
      points(negatives, { color: light.negative }, "not like this"),
      line(region, light.selection, "selection"),
    ]
      .filter((trace) => !isEmpty(trace))
      .concat(bar ? [bar.line] : []),
    annotations: bar ? [...words, bar.words] : words,
    axes: { xaxis: layout.xaxis, yaxis: layout.yaxis },
  };
}

function barOf({ x, y, width, height, widthPx }, { px, words }) {
  const [right, level] = [x - 0.47 * width, y - 0.42 * height]; // east is to the left
  const left = right + (px / widthPx) * width;
  const line = { color: "#000", width: 2 };
  return {
    line: { mode: "lines", x: [left, right], y: [level, level], line, showlegend: false },
    words: {
      x: (left + right) / 2,
      y: level,
      text: words,
      showarrow: false,
      yanchor: "bottom",
      font: { size: 13, color: "#000" },
    },
  };
}
