"""What tests of panels share."""

from dash.development.base_component import Component

from dashboard.query.query import Query

N = 40


def store_of(row=0, k=25, origin="card"):
    return Query(rows=(row,), k=k, origin=origin).to_store()


def texts(component):
    """Return all words of a component in their order."""
    if isinstance(component, Component):
        component = getattr(component, "children", None)
    if isinstance(component, list | tuple):
        return [text for child in component for text in texts(child)]
    return (
        []
        if component is None
        else texts(component)
        if isinstance(component, Component)
        else [str(component)]
    )


def all_of(component, kind):
    """Return all components of one class, the outer ones first."""
    found = [component] if type(component).__name__ == kind else []
    children = component if isinstance(component, list | tuple) else None
    if isinstance(component, Component):
        children = getattr(component, "children", None)
    children = children if isinstance(children, list | tuple) else [children]
    parts = [c for c in children if isinstance(c, Component | list | tuple)]
    return found + [one for part in parts for one in all_of(part, kind)]
