"""What tests of panels share."""

from dataclasses import replace

from dash.development.base_component import Component

from dashboard.map.requests import KINDS, address_of, first_page
from dashboard.panels.parts import Turn
from dashboard.query.answer import answer
from dashboard.query.page import Page, Request, fold
from dashboard.query.query import Query

N = 40


def page_of(explorer, *rows, n=0, **others):
    """Return the page of a query for these galaxies, by default one that a card led to."""
    query = Query(rows, **{"origin": "card"} | others)
    page = replace(first_page(explorer), query=query, n=n)
    return replace(page, address=address_of(explorer, page))


def after(explorer, page, *happened):
    """Return what becomes of a page after pairs of kind and values."""
    requests = [Request(page.n + 1 + i, *one) for i, one in enumerate(happened)]
    return fold(explorer, page, requests, KINDS)


def turn_of(explorer, before, *happened, **look):
    """Return the step of a page to what pairs of kind and values lead to; of none, to its first."""
    folded = after(explorer, before or first_page(explorer), *happened)
    answered = answer(explorer, folded.page.query)
    return Turn(before, folded.page, answered, folded.applied, folded.said, look)


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


def asked(explorer, page, kind, **values):
    """Return the query after one request, and what is said of it."""
    folded = after(explorer, page, (kind, values))
    assert folded.page.n == page.n + 1
    return folded.page.query, folded.said.get(kind, "")


def refused(explorer, page, kind, **values):
    """Return the sentence about a request that changes nothing."""
    folded = after(explorer, page, (kind, values))
    assert folded.page == Page(page.atlas, page.query, page.address, page.colour, page.n + 1)
    (sentence,) = folded.said.values()
    assert sentence.endswith(".")
    assert len(sentence) < 200
    return sentence
