// Positions to copy, and columns that stay explained from galaxy to galaxy. Browsers let pages
// write to the clipboard on secure addresses only; elsewhere the text is selected for the visitor.

(function () {
  "use strict";

  const [COPIED_MS, REFUSED_MS] = [2000, 6000];
  let forget = 0;

  function answer(button, words, copied) {
    const place = button.closest(".positions");
    const status = place.querySelector("[role=status]");
    const clear = () => {
      status.textContent = "";
      place.querySelector(".is-copied")?.classList.remove("is-copied");
    };
    window.clearTimeout(forget);
    clear();
    status.textContent = words;
    button.classList.toggle("is-copied", copied);
    forget = window.setTimeout(clear, copied ? COPIED_MS : REFUSED_MS);
  }

  async function copy(button) {
    const text = button.parentElement.querySelector(".position");
    try {
      await navigator.clipboard.writeText(text.textContent);
      answer(button, `Copied ${text.textContent}`, true);
    } catch (_error) {
      window.getSelection().selectAllChildren(text);
      answer(button, "Press Ctrl+C or ⌘C: the browser lets you copy here, but not this page.", false);
    }
  }

  document.addEventListener("click", function (event) {
    const button = event.target.closest?.("button.copy");
    if (button) {
      copy(button);
    }
  });

  let isExplained = false;
  document.addEventListener(
    "toggle",
    function (event) {
      if (event.target.matches?.(".columns-explained") && event.target.isConnected) {
        isExplained = event.target.open;
      }
    },
    true,
  );

  // The tab, and each step of the browser's history, is called after the galaxy.
  function follow() {
    window.requestAnimationFrame(function () {
      const name = document.querySelector(".selected-name");
      document.title = name ? name.textContent + " · Galaxy Finder" : "Galaxy Finder";
      document.querySelector(".columns-explained")?.toggleAttribute("open", isExplained);
    });
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    selected: { follow },
  });
})();
