// AG Grid is 2 MB of JavaScript, which most visits do without: it is fetched when a table is seen
// for the first time. Until then an empty place stands in for each table; what Dash tells it waits.

(function () {
  "use strict";

  let fetched = null;
  function fetchGrid() {
    fetched ??= new Promise(function (done, fail) {
      const script = document.createElement("script");
      script.src = document.getElementById("grid-script").dataset.address;
      script.onload = function () {
        const library = window.dash_ag_grid;
        // Dash must go on finding what it has rendered, or it would build each table anew.
        window.dash_ag_grid = { ...library, AgGrid };
        done(library.AgGrid);
      };
      script.onerror = fail;
      document.head.append(script);
    });
    return fetched;
  }

  function AgGrid(properties) {
    const { createElement, useEffect, useRef, useState } = window.React;
    const place = useRef(null);
    const [table, setTable] = useState({});
    useEffect(function () {
      const watch = new IntersectionObserver(function (changes) {
        if (changes.some((change) => change.isIntersecting)) {
          watch.disconnect();
          fetchGrid().then(
            (Grid) => setTable({ Grid }),
            function () {
              fetched = null;
              setTable({ failed: true });
            },
          );
        }
      });
      watch.observe(place.current);
      return () => watch.disconnect();
    }, []);
    if (table.Grid) {
      return createElement(table.Grid, properties);
    }
    const words = table.failed
      ? "The table could not be loaded. Reload the page."
      : createElement("span", { className: "grid-coming" }, "Loading the table");
    const { id, className, style } = properties;
    return createElement("div", { id, className, style, ref: place, role: "status" }, words);
  }
  AgGrid.dashRenderType = true; // as the library's own

  function Thumbnail({ value }) {
    const about = JSON.stringify({ url: value, lazy: true });
    return value && window.React.createElement("span", { className: "picture", "data-picture": about });
  }

  window.dash_ag_grid = { AgGrid };
  window.dashAgGridFunctions = Object.assign({}, window.dashAgGridFunctions, {
    leaveTable: () => false,
  });
  window.dashAgGridComponentFunctions = Object.assign({}, window.dashAgGridComponentFunctions, {
    Thumbnail,
  });
})();
