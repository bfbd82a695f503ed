// The query in other atlases: each link to one takes it along, wherever on the page it stands.

(function () {
  "use strict";

  function follow(addresses) {
    const to = JSON.parse(addresses ?? "{}");
    for (const link of document.querySelectorAll("a[data-to-atlas]")) {
      const address = to[link.dataset.toAtlas];
      if (address) {
        link.setAttribute("href", address);
      }
    }
  }

  // What is chosen in the menu closes it.
  document.addEventListener("click", function (event) {
    const menu = event.target.closest?.(".across-menu button")?.closest("details");
    if (menu) {
      menu.open = false;
    }
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, { across: { follow } });
})();
