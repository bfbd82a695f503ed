// The examples of a query: where the keyboard goes on in them, and the picture among them.

(function () {
  "use strict";

  let byKeyboard = false;

  document.addEventListener("click", function (event) {
    const button = event.target.closest?.(".tray button[data-request]");
    byKeyboard = event.detail === 0 && Boolean(button);
  });

  // The keyboard, whose button may be gone, goes on in the tray, or in the gallery without one.
  function goOn() {
    if (!byKeyboard) {
      return;
    }
    byKeyboard = false;
    window.requestAnimationFrame(function () {
      if (!document.activeElement?.closest(".tray:not([hidden])")) {
        const next = document.querySelector(".tray:not([hidden]) li button");
        (next ?? document.querySelector(".card[tabindex='0']"))?.focus();
      }
    });
  }

  function ownPicture(page, own) {
    return own?.crops?.[page?.query.embedding]?.seen ?? null;
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    tray: { goOn, ownPicture },
  });
})();
