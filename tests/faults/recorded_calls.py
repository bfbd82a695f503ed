"""What the page of an atlas asks of the server: each callback, with each of its inputs changed."""

import json

import numpy as np

from dashboard import ids
from dashboard.explorer.embedder import embedding_to_text
from dashboard.map.figure import GALAXIES
from dashboard.search.list_reading import read_text

SQUARE = [[0.1, 0.2], [0.8, 0.2], [0.8, 0.9], [0.1, 0.9]]


def happenings(explorer, other):
    """Return an example of each kind of request, as (kind, values)."""
    dim = explorer.manifest.embedding.dim
    embedding = embedding_to_text(np.ones(dim, np.float32) / np.sqrt(dim), explorer.manifest)
    guest = [other.name, str(other.catalogue["object_id"].iloc[3])]
    galaxy = explorer.catalogue["object_id"].iloc[4]
    return [
        ("card", {"row": 3}),
        ("row", {"row": 5}),
        ("found", {"row": 2, "separation_arcsec": 1.5}),
        ("list", {"rows": [1, 2, 3]}),
        ("random", {"seed": 12345, "among": "any"}),
        ("picture", {"embedding": embedding}),
        ("crop", {"embedding": embedding}),
        ("example", {"act": "positive", "row": 7}),
        ("example", {"act": "negative", "rows": [8, 9]}),
        ("example", {"act": "positive", "guest": guest}),
        ("k", {"k": 49}),
        ("option", {"min_separation_arcsec": 10}),
        ("option", {"least_similar": True}),
        ("option", {"everywhere": True}),
        ("reset", {}),
        ("filter", {"column": "mag_z", "value": [15, 19.5]}),
        ("clear-filters", {}),
        ("legend", {"column": "mag_z", "label": "spiral"}),
        ("point", {"point": {"curveNumber": GALAXIES, "pointNumber": 6}, "act": "positive"}),
        ("take-back", {"query": page(explorer)["query"]}),
        ("region", {"places": SQUARE}),
        ("region", {"places": [[10, 5], [20, 5], [20, 15]], "view": {"projection": "tangent"}}),
        ("more-like-these", {}),
        ("address", {"search": f"?galaxy={galaxy}&k=25&f.mag_z=14..17.5&apart=10&order=least"}),
        ("address", {"search": f"?picture={embedding}&not.{guest[0]}={guest[1]}&in=all"}),
        ("colour", {"name": "mag_z"}),
        ("size", {}),
    ]


def page(explorer):
    """Return a page as the browser keeps it, with something in each of its fields."""
    return {
        "atlas": explorer.name,
        "n": 4,
        "address": "?galaxy=1",
        "colour": "mag_z",
        "query": {
            "rows": [5, 6],
            "negatives": [9],
            "k": 25,
            "origin": "card",
            "separation_arcsec": None,
            "embedding": None,
            "filters": {"mag_z": [14, 19]},
            "min_separation_arcsec": 5,
            "least_similar": False,
            "everywhere": False,
            "guests": [],
            "unlike_guests": [],
        },
    }


def values_of(explorer, own_picture, own):
    """Return what the browser has of each component of `page`, by its name and property.

    ``own`` is what it keeps of a picture that was read, None for one that could not be.
    """
    brought = read_text("M 51\n199.3324 +20.6382\nnobody knows me\n").to_store()
    crop = {"x": 0.5, "y": 0.5, "zoom": 2.0}
    return {
        (ids.QUERY, "data"): page(explorer),
        (ids.SEARCH_BUTTON, "n_clicks"): 1,
        (ids.SEARCH_TEXT, "value"): "M 51",
        (ids.LIST_SHOWN, "data"): brought,
        (ids.TARGET_LIST, "data"): brought,
        (ids.LIST_UNMATCHED, "value"): True,
        (ids.LIST_TABLE, "selectedRows"): [{"status": "matched", "row": 3, "number": 1}],
        (ids.OWN_UPLOAD, "contents"): own_picture,
        (ids.OWN_UPLOAD, "filename"): "mine.png",
        (ids.OWN_CHOSEN, "data"): crop,
        (ids.OWN_PICTURE, "data"): own or {"square": own_picture, "crops": {"x": crop}},
        (ids.FILTER_ADD, "n_clicks"): 1,
        (ids.FILTER_COLUMN, "value"): "mag_z",
        (ids.TABLE_QUERY, "data"): page(explorer),
        (ids.TABLE_SELECTED, "data"): [1, 2, 5],
        (ids.TABLE_SHOWN, "data"): page(explorer),
        (ids.MAP, "hoverData"): {
            "points": [
                {
                    "curveNumber": GALAXIES,
                    "pointNumber": 3,
                    "bbox": {"x0": 1, "x1": 2, "y0": 3, "y1": 4},
                }
            ]
        },
        (ids.SKY_WANTED, "data"): 1,
        (ids.SKY_ASKED, "data"): page(explorer),
        (ids.LIST_READ, "n_clicks"): 1,
        (ids.LIST_UPLOAD, "contents"): "data:text/csv;base64,TSA1MQo=",
        (ids.LIST_UPLOAD, "filename"): "mine.csv",
        (ids.LIST_TEXT, "value"): "M 51\nNGC 4321",
    }


def calls(app, explorer, other, own_picture, own=None):
    """Return calls: every callback with every input changed, every kind of request."""
    values = values_of(explorer, own_picture, own)
    found = []
    for output, callback in app.callback_map.items():
        if "callback" not in callback:
            continue
        inputs = [_part(one, values) for one in callback["inputs"]]
        state = [_part(one, values) for one in callback["state"]]
        if own and state and callback["state"][0]["id"] == ids.OWN_PICTURE:
            (embedding,) = own["crops"]
            query = page(explorer)["query"] | {"rows": [], "embedding": embedding}
            state[1]["value"] = page(explorer) | {"query": query}
        outputs = [
            dict(zip(("id", "property"), part.rsplit(".", 1), strict=True))
            for part in output.strip(".").split("...")
        ]
        for changed in inputs:
            several = changed if isinstance(changed, list) else [changed]
            body = {
                "output": output,
                "outputs": outputs if output.startswith("..") else outputs[0],
                "inputs": inputs,
                "changedPropIds": [_name(one) for one in several],
                "state": state,
            }
            if inputs[0] == {"id": ids.REQUESTS, "property": "data", "value": None}:
                found += [_requesting(body, explorer, *one) for one in happenings(explorer, other)]
            else:
                found.append(body)
    return found


def _requesting(body, explorer, kind, values):
    sent = {
        "atlas": explorer.name,
        "log": [{"n": 5, "kind": kind, "values": values}],
        "look": {"size": "fit", "theme": "dark", "rows": ["mag_z"]},
    }
    return body | {"inputs": [body["inputs"][0] | {"value": sent}]}


def _part(dependency, values):
    component, prop = dependency["id"], dependency["property"]
    if component.startswith("{"):
        pattern = json.loads(component)
        one = {name: "M 51" if value == ["ALL"] else value for name, value in pattern.items()}
        value = one if prop == "id" else 1
        return [{"id": one, "property": prop, "value": value}]
    return {"id": component, "property": prop, "value": values.get((component, prop))}


def _name(part):
    component = part["id"]
    if isinstance(component, dict):
        component = json.dumps(component, sort_keys=True, separators=(",", ":"))
    return f"{component}.{part['property']}"
