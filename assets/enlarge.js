// Opens a galaxy large. The dialog itself is fetched when a galaxy is opened for the first time.

(function () {
  "use strict";

  const TABLE = "neighbour-table";

  let fetched = null;
  function fetchFile(address) {
    return new Promise(function (done, fail) {
      const isStyle = address.includes(".css");
      const file = document.createElement(isStyle ? "link" : "script");
      Object.assign(file, isStyle ? { rel: "stylesheet", href: address } : { src: address });
      file.async = false; // in their order
      file.onload = done;
      file.onerror = fail;
      document.head.append(file);
    });
  }

  function fetchDialog() {
    const files = JSON.parse(document.querySelector(".enlarged-files").dataset.files);
    fetched ??= Promise.all(files.map(fetchFile));
    return fetched;
  }

  // The galaxies that arrows lead to, in the order in which they are seen.
  function listed(fromTable) {
    const { cards = [], subject = null } = JSON.parse(
      document.getElementById("gallery").dataset.content ?? "{}",
    );
    const rows = [];
    if (fromTable) {
      window.dash_ag_grid.getApi(TABLE).forEachNodeAfterFilterAndSort(function ({ data }) {
        const similarity = data.similarity.toFixed(3).replace("-", "−");
        rows.push({ row: data.row, rank: data.rank, name: data.galaxy, similarity });
      });
    }
    const inGallery = cards.map((card, index) => ({ ...card, rank: index + 1 }));
    return { subject, galaxies: fromTable ? rows : inGallery, fromTable };
  }

  async function enlarge(row, fromTable = false) {
    try {
      await fetchDialog();
    } catch (_error) {
      fetched = null;
      window.dash_clientside.set_props("notice", {
        children: "The large view could not be loaded. Reload the page.",
      });
      return;
    }
    window.galaxyFinder.openLarge(row, listed(fromTable));
  }

  document.addEventListener("click", function (event) {
    const button = event.target.closest?.("button[data-enlarge]");
    if (button) {
      enlarge(Number(button.dataset.enlarge), Boolean(button.closest(`#${TABLE}`)));
    }
  });

  document.addEventListener("keydown", function (event) {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.repeat;
    const card = event.target.closest?.("ul.cards li")?.querySelector("[data-enlarge]");
    if (card && isPlain && event.key.toLowerCase() === "v") {
      enlarge(Number(card.dataset.enlarge));
    }
  });

  window.galaxyFinder.enlarge = enlarge;
})();
