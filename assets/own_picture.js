// A picture of one's own: it never leaves the browser but to be embedded. Its frame is what the model
// sees; dashboard/pictures/crop.py says what its numbers are.

(function () {
  "use strict";

  const STEP = 0.05; // of the frame, by an arrow key
  const FACTOR = 1.1; // of the zoom, by a key or a turn of the wheel
  const REST_MS = 250; // after the last movement the model looks again

  let own = null; // the picture that is shown
  let frame = null;
  let position = null; // of the middle of the frame, as text
  let dragged = null; // where the pointer was
  let resting = 0; // a timer, 0 when nothing moves
  let n = 0; // frames that were chosen

  const isNarrow = window.matchMedia("(max-width: 720px)");
  const byId = (id) => document.getElementById(id);

  function within({ x, y, zoom }) {
    const most = Number(byId("own-zoom").max);
    const kept = Math.min(Math.max(zoom, 1), most);
    const inside = (at) => Math.min(Math.max(at, 0.5 / kept), 1 - 0.5 / kept);
    return { x: inside(x), y: inside(y), zoom: kept };
  }

  function isSame(one, other) {
    const near = (name, by) => Math.abs(one[name] - other[name]) < by;
    return near("x", 0.002) && near("y", 0.002) && near("zoom", 0.005);
  }

  function paint() {
    const { style } = byId("own-frame");
    for (const [name, value] of Object.entries(frame)) {
      style.setProperty(`--${name}`, value);
    }
    byId("own-zoom").value = frame.zoom;
    byId("own-reset").disabled = isSame(frame, own.proposed);
  }

  // The outline follows at once; the model follows when the movement has ended.
  function move(wanted) {
    const next = within(wanted);
    if (isSame(next, frame) && next.zoom === frame.zoom) {
      return false;
    }
    frame = next;
    paint();
    window.clearTimeout(resting);
    resting = window.setTimeout(rest, REST_MS);
    return true;
  }

  function rest() {
    if (dragged) {
      resting = window.setTimeout(rest, REST_MS);
      return;
    }
    resting = 0;
    n += 1;
    window.dash_clientside.set_props("own-chosen", { data: { ...frame, n } });
  }

  // The tab keeps the picture, so that the page of another atlas can show it, too. Addresses never
  // have it.
  const KEPT = "own-picture";

  function keep(picture) {
    try {
      window.sessionStorage.setItem(KEPT, JSON.stringify(picture));
    } catch {
      // Too large, or not allowed: it is shown on this page only.
    }
  }

  function kept(embedding) {
    try {
      const picture = JSON.parse(window.sessionStorage.getItem(KEPT));
      return picture?.crops?.[embedding] ? picture : null;
    } catch {
      return null;
    }
  }

  // Shown for as long as the query is one of its crops.
  function show(page, picture, zoom) {
    const { no_update: same } = window.dash_clientside;
    const embedding = page?.query.embedding;
    const crop = picture?.crops?.[embedding];
    if (!crop) {
      const former = embedding && kept(embedding);
      if (former) {
        window.dash_clientside.set_props("own-picture", { data: former });
      }
      own = null;
      window.clearTimeout(resting);
      resting = 0;
      return [true, same, same, same, same, true, ""];
    }
    if (own !== picture) {
      keep(picture);
    }
    const isAnother = own?.source !== picture.source;
    if (isAnother) {
      document.querySelector(".own-note").open = !isNarrow.matches;
    }
    own = picture;
    position = crop.position;
    if (isAnother || !(dragged || resting)) {
      frame = within(crop);
      paint();
    }
    const zoomed = Number(zoom) === frame.zoom ? same : frame.zoom;
    const where = position && `Its middle is at ${position}.`;
    const note = [picture.note, crop.framing, where].filter(Boolean).join(" ");
    return [false, picture.source, crop.seen, zoomed, note, !position, ""];
  }

  // --- moving the frame ---

  const placeOf = (event) => (own && event.target.closest?.(".own-whole")) || null;

  function at(place, event) {
    const { left, top, width, height } = place.getBoundingClientRect();
    return { x: (event.clientX - left) / width, y: (event.clientY - top) / height };
  }

  document.addEventListener("pointerdown", function (event) {
    const place = placeOf(event);
    if (place && event.button === 0 && event.target.matches(".own-crop")) {
      dragged = { place, from: at(place, event), began: frame };
      event.target.setPointerCapture(event.pointerId);
    }
  });

  document.addEventListener("pointermove", function (event) {
    if (dragged) {
      const { place, from, began } = dragged;
      const now = at(place, event);
      move({ x: began.x + now.x - from.x, y: began.y + now.y - from.y, zoom: began.zoom });
    }
  });

  for (const type of ["pointerup", "pointercancel"]) {
    document.addEventListener(type, () => (dragged = null));
  }

  document.addEventListener("click", function (event) {
    const place = placeOf(event);
    if (place && !event.target.matches(".own-crop")) {
      move({ ...at(place, event), zoom: frame.zoom });
    }
    if (own && event.target.id === "own-reset") {
      move(own.proposed);
    }
    if (own && position && event.target.id === "own-position") {
      window.dash_clientside.set_props("search-text", { value: position });
      byId("search-button").click();
    }
  });

  document.addEventListener(
    "wheel",
    function (event) {
      if (placeOf(event) && event.deltaY && !event.ctrlKey) {
        const zoom = frame.zoom * (event.deltaY < 0 ? FACTOR : 1 / FACTOR);
        if (move({ ...frame, zoom })) {
          event.preventDefault(); // the page scrolls on where there is nothing to zoom
        }
      }
    },
    { passive: false },
  );

  const KEYS = {
    ArrowLeft: { x: -1 },
    ArrowRight: { x: 1 },
    ArrowUp: { y: -1 },
    ArrowDown: { y: 1 },
    "+": { zoom: FACTOR },
    "=": { zoom: FACTOR },
    "-": { zoom: 1 / FACTOR },
  };

  document.addEventListener("keydown", function (event) {
    const key = KEYS[event.key];
    if (placeOf(event) && key && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const step = STEP / frame.zoom;
      const { x = 0, y = 0, zoom = 1 } = key;
      event.preventDefault();
      move({ x: frame.x + step * x, y: frame.y + step * y, zoom: frame.zoom * zoom });
    }
  });

  document.addEventListener("input", function (event) {
    if (own && event.target.id === "own-zoom") {
      move({ ...frame, zoom: Number(event.target.value) });
    }
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, { own_picture: { show } });
})();
