"""What the page draws by itself from plain values."""

import json

import pytest
from dash import dcc, html

from dashboard.panels.parts import aria, drawn


def test_elements_are_written_with_the_attributes_of_html():
    link = html.A("M 51", href="/a?b=1&c=2", className="links", **aria(label="here"))
    attributes = {"href": "/a?b=1&c=2", "class": "links", "aria-label": "here"}
    assert json.loads(drawn([html.P(["also ", link, 3]), html.Img(src="x", alt="")])) == [
        ["p", {}, "also ", ["a", attributes, "M 51"], "3"],
        ["img", {"src": "x", "alt": ""}],
    ]


def test_a_text_stays_a_text_whatever_it_says():
    assert json.loads(drawn([html.P("<img src=x onerror=alert(1)>")])) == [
        ["p", {}, "<img src=x onerror=alert(1)>"]
    ]


@pytest.mark.parametrize(
    "content", [html.P(id="x"), html.P(style={"color": "red"}), html.Button(n_clicks=1)]
)
def test_what_callbacks_may_want_cannot_be_drawn(content):
    with pytest.raises(ValueError, match="cannot be drawn"):
        drawn([content])


def test_components_that_are_not_html_cannot_be_drawn():
    with pytest.raises(ValueError, match="not Store"):
        drawn([html.Div(dcc.Store(id="x"))])
