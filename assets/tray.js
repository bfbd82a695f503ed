// The examples of a query: buttons that say what they do with a galaxy, in tray, gallery and table alike.

(function () {
  "use strict";

  const PATIENCE_MS = 5000; // then an answer is taken for lost
  let byKeyboard = false;

  // One change at a time: each starts from the query that the one before has left.
  const waiting = [];
  let timer = null;

  function ask() {
    if (timer === null && waiting.length > 0) {
      timer = setTimeout(goOnAsking, PATIENCE_MS);
      window.dash_clientside.set_props("example-change", { data: waiting.shift() });
    }
  }
  function goOnAsking() {
    clearTimeout(timer);
    timer = null;
    ask();
  }
  function changeExamples(asked) {
    waiting.push(asked);
    ask();
  }
  function askNext(asked) {
    if (asked === null) {
      goOnAsking();
    }
  }

  document.addEventListener("click", function (event) {
    const button = event.target.closest?.("button[data-act]");
    byKeyboard = false;
    if (!button) {
      return;
    }
    const { act, row } = button.dataset;
    byKeyboard = event.detail === 0 && Boolean(button.closest(".tray"));
    changeExamples({ act, row: row === undefined ? null : Number(row) });
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

  window.galaxyFinder.changeExamples = changeExamples;
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    tray: { askNext, goOn, ownPicture },
  });
})();
