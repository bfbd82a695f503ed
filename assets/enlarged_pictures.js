// The pictures of the large view: side by side or alternating in one place, at one scale or each in
// its frame, brighter or darker. Levels are changed as the browser draws: pictures of another host
// may be looked at, not read.

(function () {
  "use strict";

  const { make } = window.galaxyFinder;
  const BLINK_MS = 800; // slower than what can harm
  const N_LEVELS = 65;

  const STRETCHES = {
    plain: ["As it is", (x) => x],
    faint: ["Faint parts", (x) => Math.asinh(12 * x) / Math.asinh(12)],
    bright: ["Bright parts", (x) => x * x],
    negative: ["Negative", (x) => 1 - x],
  };
  const MODES = { scale: "Same angular scale", frame: "Each fills its frame" };

  const isStill = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  function makePictures() {
    let shown = null; // what there is to see
    let mode = null; // that was chosen, if it was
    let timer = 0;

    const pair = make("div", { class: "enlarged-pair" });
    const why = make("p", { class: "hint enlarged-why" });

    // --- scale or frame ---

    const choices = Object.entries(MODES).map(function ([value, words]) {
      const radio = make("input", { type: "radio", name: "enlarged-mode", value });
      radio.addEventListener("change", () => ((mode = value), draw()));
      return make("label", {}, radio, ` ${words}`);
    });
    const modes = make("fieldset", { class: "enlarged-modes" });
    modes.append(make("legend", { class: "visually-hidden" }, "Scale of the pictures"), ...choices);

    // --- one place for both ---

    const blink = make(
      "button",
      { class: "btn is-small", type: "button", "aria-pressed": "false", title: "Key: B" },
      "Blink",
    );
    const swap = make("button", { class: "btn is-small", type: "button", hidden: "" }, "Swap");
    const isBlinking = () => pair.classList.contains("is-blinking");

    function turn() {
      pair.classList.toggle("shows-second");
    }

    function setBlinking(on) {
      window.clearInterval(timer);
      pair.classList.toggle("is-blinking", on);
      pair.classList.toggle("shows-second", on);
      blink.setAttribute("aria-pressed", on);
      swap.hidden = !(on && isStill());
      if (on && !isStill()) {
        timer = window.setInterval(turn, BLINK_MS);
      }
    }

    const toggle = () => !blink.disabled && setBlinking(!isBlinking());
    blink.addEventListener("click", toggle);
    swap.addEventListener("click", turn);

    // --- levels ---

    const tone = make("div", { class: "enlarged-tone", "aria-hidden": "true" });
    const channels = ["R", "G", "B"].map((channel) => `<feFunc${channel} type="table" />`);
    tone.innerHTML =
      '<svg width="0" height="0"><filter id="galaxy-tone" color-interpolation-filters="sRGB">' +
      `<feComponentTransfer>${channels.join("")}</feComponentTransfer></filter></svg>`;

    const stretch = make("select", { class: "form-select", id: "enlarged-stretch" });
    stretch.append(
      ...Object.entries(STRETCHES).map(([value, [words]]) => make("option", { value }, words)),
    );
    function slider(id, min, max, value) {
      const made = make("input", { type: "range", id, min, max, step: 0.05 });
      made.value = value; // not before it knows its range
      return made;
    }
    const brightness = slider("enlarged-brightness", -0.5, 0.5, 0);
    const contrast = slider("enlarged-contrast", 0.5, 3, 1);
    const reset = make("button", { class: "btn is-small", type: "button" }, "Reset");
    const isPlain = () =>
      stretch.value === "plain" && Number(brightness.value) === 0 && Number(contrast.value) === 1;

    function drawTone() {
      const [, curve] = STRETCHES[stretch.value];
      const levels = Array.from({ length: N_LEVELS }, function (_, i) {
        const level = (curve(i / (N_LEVELS - 1)) - 0.5) * contrast.value + 0.5;
        return Math.min(Math.max(level + Number(brightness.value), 0), 1).toFixed(4);
      });
      for (const channel of tone.querySelectorAll("feComponentTransfer > *")) {
        channel.setAttribute("tableValues", levels.join(" "));
      }
      pair.classList.toggle("is-toned", !isPlain());
      reset.disabled = isPlain();
    }

    for (const control of [stretch, brightness, contrast]) {
      control.addEventListener("input", drawTone);
    }
    reset.addEventListener("click", function () {
      [stretch.value, brightness.value, contrast.value] = ["plain", 0, 1];
      drawTone();
      stretch.focus();
    });
    drawTone();

    const labelled = (words, control) =>
      make("div", { class: "enlarged-control" }, make("label", { for: control.id }, words), control);
    const tools = make(
      "div",
      { class: "enlarged-tools" },
      modes,
      labelled("Stretch", stretch),
      labelled("Brightness", brightness),
      labelled("Contrast", contrast),
      reset,
      tone,
    );
    const about = make(
      "p",
      { class: "hint" },
      "Stretch, brightness and contrast change the picture as it is shown, not its measured " +
        "fluxes: what is white or black in it stays so.",
    );

    // --- drawing ---

    function figure({ role, name, view, alt, host, why: reason }, index) {
      const picture = make("span", { class: "picture" });
      picture.dataset.picture = JSON.stringify({ ...view, alt, host, why: reason });
      const words = make("figcaption", {}, make("span", { class: "hint" }, role), " ", name);
      return make("figure", { class: index ? "is-second" : "is-first" }, words, picture);
    }

    function draw() {
      const { views, galaxies, first, own } = shown;
      const current = mode in views ? mode : first;
      for (const radio of modes.querySelectorAll("input")) {
        radio.disabled = !(radio.value in views);
        radio.checked = radio.value === current;
      }
      why.textContent = shown.why_not;
      const figures = galaxies.map((galaxy, index) =>
        figure(
          {
            ...galaxy,
            alt: `Picture of ${galaxy.name}`,
            view: views[current][index],
            host: shown.host,
            why: shown.why,
          },
          index,
        ),
      );
      if (own) {
        const seen = { role: "Asked for", name: "your picture", alt: "What the model sees of it" };
        figures.unshift(figure({ ...seen, view: { url: own } }, 0));
        figures.at(-1).className = "is-second";
      }
      pair.replaceChildren(...figures);
      pair.classList.toggle("is-single", figures.length === 1);
      modes.hidden = why.hidden = galaxies.length === 1;
      blink.disabled = figures.length === 1;
      if (blink.disabled) {
        setBlinking(false);
      }
    }

    function show(news) {
      shown = news;
      draw();
    }

    const place = make("section", { class: "enlarged-pictures", "aria-label": "Pictures" });
    place.append(pair, tools, why, about);
    return { place, buttons: [blink, swap], show, toggle, rest: () => setBlinking(false) };
  }

  window.galaxyFinder.makePictures = makePictures;
})();
