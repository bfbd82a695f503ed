// The examples of a query: buttons that say what they do with a galaxy, in tray and gallery alike.

(function () {
  "use strict";

  let byKeyboard = false;

  document.addEventListener("click", function (event) {
    const button = event.target.closest?.("button[data-act]");
    byKeyboard = false;
    if (!button) {
      return;
    }
    const { act, row } = button.dataset;
    byKeyboard = event.detail === 0 && Boolean(button.closest(".tray"));
    window.dash_clientside.set_props("example-change", {
      data: { act, row: row === undefined ? null : Number(row) },
    });
  });

  // The keyboard, whose button may be gone, goes on in the tray, or in the gallery without one.
  function goOn() {
    if (!byKeyboard) {
      return;
    }
    byKeyboard = false;
    window.requestAnimationFrame(function () {
      if (!document.activeElement?.closest(".tray:not([hidden])")) {
        const next = document.querySelector(".tray:not([hidden]) button[data-row]");
        (next ?? document.querySelector(".card[tabindex='0']"))?.focus();
      }
    });
  }

  function ownPicture(query, own) {
    return own?.crops?.[query?.picture]?.seen ?? null;
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    tray: { goOn, ownPicture },
  });
})();
