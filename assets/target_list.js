// The dialog of the list of galaxies, and what its table does in the browser.

(function () {
  "use strict";

  const dialog = () => document.getElementById("list-dialog");

  function open() {
    dialog().showModal();
    focusFirst(60);
  }

  // A table that was hidden until now draws its rows some frames later.
  function focusFirst(frames) {
    const first = dialog().querySelector(".is-empty #list-text, .is-matched .ag-row .ag-cell");
    if (first) {
      first.focus();
    } else if (frames > 0) {
      window.requestAnimationFrame(() => focusFirst(frames - 1));
    }
  }

  function close() {
    dialog().close();
  }

  // A click beside the dialog is a click on what lies behind it.
  document.addEventListener("click", function (event) {
    if (event.target === dialog()) {
      close();
    }
  });

  // An entry is opened by Enter, or by a click beside its box; without a galaxy it cannot be.
  function openEntry({ column, data, event }, setEventData) {
    const meant =
      event.type === "keydown"
        ? event.key === "Enter"
        : column.getColId() !== "ag-Grid-SelectionColumn";
    if (meant && data.row !== null) {
      setEventData({ row: data.row, separation_arcsec: data.separation_arcsec });
      close();
    }
  }

  function Thumbnail({ value }) {
    const make = window.React.createElement;
    const missing = make("span", { className: "picture-missing", key: "missing" });
    const image = make("img", { src: value, alt: "", key: "image", loading: "lazy" });
    return value && make("span", { className: "picture" }, [image, missing]);
  }

  window.dashAgGridFunctions = Object.assign({}, window.dashAgGridFunctions, { openEntry });
  window.dashAgGridComponentFunctions = Object.assign({}, window.dashAgGridComponentFunctions, {
    Thumbnail,
  });
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    target_list: { open, close },
  });
})();
