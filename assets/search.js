// Search in the browser: a draw, and an answer that goes once another query is shown.

(function () {
  "use strict";

  const SEEDS = 2 ** 32;

  function random(_clicks, among) {
    window.galaxyFinder.ask("random", { among, seed: Math.floor(Math.random() * SEEDS) });
  }

  // Whether an offer, such as the nearest galaxy, is what the page shows.
  function isTaken({ props }, { query }) {
    const request = props?.["data-request"];
    return request !== undefined && JSON.parse(request).values.row === query.rows[0];
  }

  function forget(page, offers) {
    const { no_update: same } = window.dash_clientside;
    if (page.query.origin !== "search") {
      return ["", "message", false, []];
    }
    const isAnswered = [offers ?? []].flat().some((offer) => isTaken(offer, page));
    return [same, same, same, isAnswered ? [] : same];
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    search: { random, forget },
  });
})();
