"""Which calls are a page's own."""

import copy
import json

import pytest

from dashboard.web.calls import checked_call
from dashboard.web.limits import RefusedError


def answer():
    return None


ONE_OF_MANY = json.dumps({"text": ["ALL"], "type": "suggestion"}, separators=(",", ":"))
OUTPUTS = "..a.data...b.children@4c.."
CALLBACKS = {
    OUTPUTS: {
        "inputs": [
            {"id": "button", "property": "n_clicks"},
            {"id": ONE_OF_MANY, "property": "n_clicks"},
        ],
        "state": [{"id": "query", "property": "data"}],
        "callback": answer,
    },
    "c.data": {"inputs": [{"id": "x", "property": "data"}], "state": [], "callback": answer},
    "in-browser.data": {"inputs": [], "state": []},
}


def suggestion(text):
    return {"id": {"text": text, "type": "suggestion"}, "property": "n_clicks", "value": 1}


def body():
    return {
        "output": OUTPUTS,
        "outputs": [
            {"id": "a", "property": "data"},
            {"id": "b", "property": "children@4c"},
        ],
        "inputs": [
            {"id": "button", "property": "n_clicks", "value": 1},
            [suggestion("M 51"), suggestion("é")],
        ],
        "state": [{"id": "query", "property": "data", "value": {"any": "thing"}}],
        "changedPropIds": ["button.n_clicks"],
    }


def test_a_call_of_the_page_passes_with_the_name_of_what_answers():
    sent = body()
    assert checked_call(sent, CALLBACKS) == "answer"
    assert sent == body()


def test_a_call_without_state_and_without_values_passes():
    sent = {
        "output": "c.data",
        "outputs": {"id": "c", "property": "data"},
        "inputs": [{"id": "x", "property": "data"}],
    }
    assert checked_call(sent, CALLBACKS) == "answer"
    assert (sent["state"], sent["changedPropIds"]) == ([], [])


def test_what_changed_is_kept_as_browsers_spell_it_and_what_is_not_there_is_left_out():
    sent = body()
    spelled = '{"text":"é","type":"suggestion"}.n_clicks'
    sent["changedPropIds"] = [spelled, "{not json.n_clicks", "query.data", "gone.data"]
    checked_call(sent, CALLBACKS)
    assert sent["changedPropIds"] == [spelled, "query.data"]


def changed(*way, to):
    sent = copy.deepcopy(body())
    part = sent
    for step in way[:-1]:
        part = part[step]
    part[way[-1]] = to
    return sent


@pytest.mark.parametrize(
    "sent",
    [
        *(None, [], "x", 1, {}),
        changed("output", to="nobody.data"),
        changed("output", to=[OUTPUTS]),
        changed("output", to="in-browser.data"),
        changed("outputs", to=None),
        changed("outputs", 0, to={"id": "other", "property": "data"}),
        changed("outputs", 0, to=[{"id": "a", "property": "data"}]),  # as of a pattern
        changed("outputs", to=[{"id": "a", "property": "data"}]),
        changed("inputs", to={}),
        changed("inputs", 0, to=None),
        changed("inputs", 0, "id", to="query"),
        changed("inputs", 0, "property", to="id"),
        changed("inputs", 1, to=suggestion("M 51")),
        changed("inputs", 1, 0, to="x"),
        changed("inputs", 1, 0, "id", to={"text": [], "type": "suggestion"}),
        changed("inputs", 1, 0, "id", to={"text": "x", "type": "other"}),
        changed("inputs", 1, 0, "id", to={"text": "x"}),
        changed("inputs", 1, to=[suggestion("M 51")] * 1_001),
        changed("state", to=[]),
        changed("state", 0, "id", to={"a": 1}),
        changed("changedPropIds", to="button.n_clicks"),
        changed("changedPropIds", to=[["button"]]),
    ],
)
def test_what_no_page_sends_is_refused(sent):
    with pytest.raises(RefusedError):
        checked_call(sent, CALLBACKS)


def test_the_id_of_a_component_is_its_own():
    callbacks = {
        "c.data": {
            "inputs": [{"id": ONE_OF_MANY, "property": "id"}],
            "state": [],
            "callback": answer,
        }
    }
    one = suggestion("M 51") | {"property": "id"}
    sent = {"output": "c.data", "outputs": {"id": "c", "property": "data"}}
    assert checked_call(sent | {"inputs": [[one | {"value": one["id"]}]]}, callbacks) == "answer"
    with pytest.raises(RefusedError, match="another component"):
        checked_call(sent | {"inputs": [[one | {"value": None}]]}, callbacks)
