"""What a page shows before any script has run: itself, as plain elements.

The same components that Dash will draw are written into the document, with the same classes and
words, so that the look is there with the first bytes and nothing moves when Dash takes over;
assets/early.js then takes these away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from html import escape
from typing import Any

from dash.development.base_component import Component

CLASS = "first-paint"
_ATTRIBUTES = {"className": "class", "class_name": "class"} | {
    name: name for name in ("alt", "href", "placeholder", "src", "title")
}
_EMPTY = ("Br", "Hr", "Img", "Input")  # elements without an end
# What is not seen before someone asks for it, or is drawn by scripts alone.
_LEFT_OUT = ("AgGrid", "Dialog", "Graph", "Location", "Store", "Tooltip")
_CLASSES = {"Button": "btn", "Input": "form-control", "Textarea": "form-control"}
_CLASSES["Select"] = "form-select"
_CHOICES = ("Checklist", "RadioItems")
_OURS = "dash_html_components"


def first_paint(layout: Component, places: Collection[str] = ()) -> str:
    """Return a page as HTML that nobody can click, hear or reach by keyboard yet.

    The elements with the ids ``places``, into which its first answer is drawn, say so.
    """
    return f'<div class="{CLASS}" inert>{"".join(_html(layout, places))}</div>'


def _html(node: Any, places: Collection[str]) -> Iterable[str]:
    """Yield the pieces of what a component looks like; ids, which must not be twice, are none."""
    if isinstance(node, (list, tuple)):
        for one in node:
            yield from _html(one, places)
        return
    if not isinstance(node, Component):
        yield "" if node is None else escape(str(node))
        return
    described = node.to_plotly_json()
    kind, properties = described["type"], described["props"]
    if kind in _LEFT_OUT or properties.get("hidden"):
        return
    is_plain = described["namespace"] == _OURS
    if kind in _CHOICES:
        yield from _choices(properties)
    elif kind == "Select":
        yield f'<select class="form-select {escape(properties.get("class_name") or "")}">'
        yield from _options(properties)
        yield "</select>"
    else:
        tag = kind.lower() if is_plain or kind in _CLASSES else "div"
        kind_of_input = f' type="{escape(properties["type"])}"' if tag == "input" else ""
        own_class = "" if is_plain else _CLASSES.get(kind, "")
        called = properties.get("id")
        place = f' data-place="{called}"' if isinstance(called, str) and called in places else ""
        yield f"<{tag}{kind_of_input}{place}{_attributes(properties, own_class)}>"
        if kind not in _EMPTY:
            yield from _html(_children(kind, properties), places)
            yield f"</{tag}>"


def _children(kind: str, properties: Mapping[str, Any]) -> Any:
    children = properties.get("children")
    if kind != "Details" or not isinstance(children, list):
        return children
    return [child for child in children if getattr(child, "_type", "") == "Summary"]


def _attributes(properties: Mapping[str, Any], own_class: str) -> str:
    found = {
        _ATTRIBUTES[name]: str(value)
        for name, value in properties.items()
        if name in _ATTRIBUTES and value is not None
    }
    if own_class:
        found["class"] = f"{own_class} {found.get('class', '')}".strip()
    if style := properties.get("style"):
        found["style"] = "; ".join(
            f"{name}: {value}" for name, value in style.items() if name.startswith("--")
        )
    if properties.get("disabled"):
        found["disabled"] = ""
    return "".join(f' {name}="{escape(value)}"' for name, value in found.items())


def _options(properties: Mapping[str, Any]) -> Iterable[str]:
    """Yield the option that is seen, and the longest, which makes the field as wide as it will be.

    There may be hundreds of others.
    """
    options = properties["options"]
    seen = [str(one["label"]) for one in options if one["value"] == properties["value"]]
    longest = max((str(one["label"]) for one in options), key=len)
    for label in dict.fromkeys([*seen, longest]):
        yield f"<option>{escape(label)}</option>"


def _choices(properties: Mapping[str, Any]) -> Iterable[str]:
    """Yield a list of choices as dash-bootstrap-components draws them."""
    yield f'<div class="{escape(properties.get("class_name") or "")}">'
    inline = " form-check-inline" if properties.get("inline") else ""
    value = properties.get("value")
    for option in properties["options"]:
        chosen = option["value"] in value if isinstance(value, list) else option["value"] == value
        kind = "checkbox" if isinstance(value, list) else "radio"
        yield f'<div class="form-check{inline}"><input class="form-check-input" type="{kind}"'
        yield " checked" if chosen else ""
        yield f'><label class="form-check-label">{escape(str(option["label"]))}</label></div>'
    yield "</div>"
