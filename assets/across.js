// The query in other atlases: each link to one takes it along, wherever on the page it stands.

(function () {
  "use strict";

  function follow(content) {
    const { to, tabs } = JSON.parse(content);
    for (const link of document.querySelectorAll("a[data-to-atlas]")) {
      const goesAlong = tabs || link.closest(".across-menu");
      const address = to[link.dataset.toAtlas];
      link.setAttribute("href", goesAlong ? address : address.split("?")[0]);
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
