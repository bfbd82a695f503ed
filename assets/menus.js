// Menus close as menus do: on Escape, and when one turns to something else.

(function () {
  "use strict";

  const open = () => document.querySelector(".menu[open]");

  document.addEventListener("keydown", function (event) {
    const menu = open();
    if (menu && event.key === "Escape") {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  for (const turn of ["pointerdown", "focusin"]) {
    document.addEventListener(turn, function (event) {
      const menu = open();
      if (menu && !menu.contains(event.target)) {
        menu.open = false;
      }
    });
  }
})();
