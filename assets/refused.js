// A call of the page that was refused, or failed on the server: Dash itself says so only in the
// console. The page keeps what it has, and says why the step was not done.

(function () {
  "use strict";

  const CALL = "_dash-update-component";
  const LONGEST = 500; // characters of a sentence of the server
  const TOO_LARGE =
    "This is larger than the server takes, and this step was not done. Nothing else has changed.";

  // What stands between, such as a proxy, answers with pages of its own.
  async function sentenceOf(answer) {
    const type = answer.headers.get("content-type") ?? "";
    const text = type.startsWith("text/plain") ? (await answer.clone().text()).trim() : "";
    if (text && text.length <= LONGEST) {
      return text;
    }
    return answer.status === 413
      ? TOO_LARGE
      : `The server could not do this step (status ${answer.status}). Nothing else has changed: try it again.`;
  }

  // Behind an open dialog nobody would see the notice.
  function place() {
    return document.getElementById("list-dialog")?.open ? "list-message" : "notice";
  }

  async function tell(answer, body) {
    // What was refused once is refused again; what failed may be asked for again.
    if (answer.status < 500 && String(body).startsWith('{"output":"..answer.data')) {
      window.galaxyFinder.leaveOut();
    }
    window.dash_clientside.set_props(place(), { children: await sentenceOf(answer) });
  }

  const ask = window.fetch;
  window.fetch = async function (...request) {
    const answer = await ask.apply(this, request);
    if (!answer.ok && String(request[0]?.url ?? request[0]).includes(CALL)) {
      await tell(answer, request[1]?.body);
    }
    return answer;
  };
})();
