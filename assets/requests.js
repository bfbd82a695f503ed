// What happens on the page, as numbered requests to the server: dashboard/query/requests.py says what
// becomes of them. A request stays in the log until a page that contains it has come back.

(function () {
  "use strict";

  let n = 0; // of the last request
  let log = [];
  const early = []; // what was asked before Dash was there to send it
  let isListening = false;

  // How the page looks, which the server need not remember.
  function look() {
    const { pictureSize: size, theme } = document.documentElement.dataset;
    const rows = [...document.querySelectorAll("#filter-rows .filter-row")];
    return { size, theme, rows: rows.map((row) => row.dataset.column) };
  }

  let sent = 0; // the last request that the server was told of
  let isShowing = false;

  function send() {
    sent = n;
    const { atlas } = document.querySelector(".page").dataset;
    window.dash_clientside.set_props("requests", { data: { atlas, log, look: look() } });
  }

  // What is asked while an answer is being shown waits for the page that has it.
  function ask(kind, values = {}) {
    if (!isListening) {
      early.push([kind, values]);
      document.querySelector(".first-paint")?.setAttribute("data-asked", "");
      return;
    }
    n += 1;
    log = [...log, { n, kind, values }];
    if (!isShowing) {
      send();
    }
  }

  function painted() {
    return new Promise(function (done) {
      window.requestAnimationFrame(() => window.setTimeout(done));
      window.setTimeout(done, 100); // a page that is not looked at paints nothing
    });
  }

  // What is drawn without Dash comes at once; Dash, and plotly with it, takes several times longer.
  async function show(answer) {
    const outputs = window.dash_clientside.callback_context.outputs_list;
    isShowing = true;
    for (const [output, value] of Object.entries(answer)) {
      const [id, property] = output.split(".");
      if (property === "data-content") {
        document.getElementById(id).setAttribute(property, value);
      }
    }
    await painted();
    window.setTimeout(function () {
      isShowing = false;
      if (sent < n) {
        send();
      }
    });
    const named = outputs.map(({ id, property }) => `${id}.${property}`);
    return named.map((name) => (name in answer ? answer[name] : window.dash_clientside.no_update));
  }

  function answered(page) {
    log = log.filter((request) => request.n > page.n);
    early.splice(0).forEach((request) => ask(...request));
  }

  // What the server has refused is not asked for again.
  function leaveOut() {
    log = log.filter((request) => request.n > sent);
  }

  // What a callback of the server has understood.
  function understood(request) {
    if (request) {
      ask(request.kind, request.values);
    }
  }

  // The page's own address is no news, the one that the browser has gone back to is.
  function readAddress(search, page) {
    if (typeof search === "string" && search !== page?.address) {
      isListening = true;
      ask("address", { search });
    }
  }

  document.addEventListener("click", function (event) {
    const button = event.target.closest?.("button[data-request]");
    if (button) {
      const { kind, values } = JSON.parse(button.dataset.request);
      ask(kind, values);
    }
  });

  // --- controls that follow the page ---

  // What each control was last told, or has said itself.
  const told = new Map();

  function isNews(control, value) {
    const text = JSON.stringify(value);
    const isSame = told.get(control) === text;
    told.set(control, text);
    return !isSame;
  }

  // What the page shows is not told to a control that has asked for something else meanwhile.
  const isSettled = (page) => page.n >= n;
  const hasBegun = () => n > 0;

  Object.assign(window.galaxyFinder, { ask, isNews, isSettled, hasBegun, leaveOut });
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    requests: { show, answered, understood, readAddress },
  });
})();
