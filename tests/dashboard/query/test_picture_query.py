"""Searching with a picture of one's own: its query, its neighbours, and what panels make of it."""

import base64
import json
from dataclasses import replace

import numpy as np
import pytest
from dash import no_update

from dashboard.explorer.embedder import EmbedderError, embedding_to_text
from dashboard.explorer.explorer import Explorer
from dashboard.explorer.neighbours import Question
from dashboard.map import colour_choices
from dashboard.map import figure as figures
from dashboard.map.changes import highlight
from dashboard.panels.query import own_picture
from dashboard.panels.results import gallery, selected
from dashboard.pictures.addresses import Pictures
from dashboard.pictures.uploaded import planes_from_url
from dashboard.query.address import from_address, to_address
from dashboard.query.answer import answer
from dashboard.query.page import Page
from dashboard.query.query import Query, QueryError
from dashboard.sky.coordinates import parse_position
from pipeline.atlas import EncoderInput, Frame, encoder_input
from tests.dashboard.own_pictures import SCALE_DEG, encoded, fits_file, rgb_galaxy
from tests.dashboard.panel_words import after, all_of, page_of, texts
from tests.dashboard.small_atlas import random_unit_rows, small_atlas, unit_rows

FRAME = {"x": 0.5, "y": 0.5, "zoom": 2}
ANGLES = np.radians(np.arange(40))  # of embeddings; row i is i degrees from row 0


class SeesBrightness:
    """Stands in for an encoder: the brighter what it sees, the larger the angle."""

    def see(self, planes, field_px):
        return encoder_input(planes, field_px, 16)

    def embed(self, seen):
        return unit_rows([[np.cos(seen.mean()), np.sin(seen.mean())]])[0]


class Gone(SeesBrightness):
    def embed(self, seen):
        raise EmbedderError("encoder.onnx cannot be read.")


def explorer_with(embedder):
    embeddings = unit_rows(np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1))
    atlas = small_atlas(embeddings, (np.arange(40.0), np.zeros(40)))
    asked = EncoderInput(field_px=96, input_px=16)
    explorer = Explorer(replace(atlas, manifest=replace(atlas.manifest, encoder_input=asked)))
    explorer.embedder = embedder
    return explorer


@pytest.fixture(scope="module")
def explorer():
    return explorer_with(SeesBrightness())


def text_of(explorer, degrees):
    angle = np.radians(degrees)
    return embedding_to_text(np.array([np.cos(angle), np.sin(angle)]), explorer.manifest)


def upload_of(content):
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def test_the_neighbours_of_a_picture_are_the_nearest_to_its_embedding(explorer):
    query = Query(rows=(), embedding=text_of(explorer, 20.2), origin="picture", k=16)
    found = query.neighbours(explorer)
    assert found.rows[:5].tolist() == [20, 21, 19, 22, 18]
    assert found.similarity[0] == pytest.approx(np.cos(np.radians(0.2)), abs=1e-5)


def test_a_picture_is_brought_into_the_frame_of_the_atlas():
    given = unit_rows(random_unit_rows(300, 8) + np.eye(8)[0])  # they share a direction
    frame = Frame.around(given.mean(axis=0), len(given))
    atlas = small_atlas(frame.into(given))
    info = replace(atlas.manifest.embedding, centre=tuple(frame.centre.tolist()))
    explorer = Explorer(replace(atlas, manifest=replace(atlas.manifest, embedding=info)))
    # What the address holds is what the model gives, in this atlas as in one without a frame.
    text = embedding_to_text(given[7], explorer.manifest)
    assert text == embedding_to_text(given[7], small_atlas(given).manifest)
    found = Query(rows=(), embedding=text).neighbours(explorer)
    assert found.rows[0] == 7
    assert found.similarity[0] == pytest.approx(1, abs=1e-4)
    assert found.rows[1:].tolist() == Query((7,)).neighbours(explorer, 24).rows.tolist()


def test_a_picture_and_a_galaxy_together_are_their_mean(explorer):
    query = Query(rows=(30,), embedding=text_of(explorer, 10.4), k=16)
    assert query.neighbours(explorer).rows[:3].tolist() == [20, 21, 19]


def test_neighbours_of_a_picture_are_those_of_the_exact_search():
    embeddings = random_unit_rows(2_000, 16)
    atlas = small_atlas(embeddings, n_trees=10, search_k=20_000)
    picture = random_unit_rows(1, 16, seed=9)[0]
    found = Explorer(atlas).neighbours(Question((), own=picture), 25)
    exact = np.argsort(-(embeddings @ picture), kind="stable")[:25]
    assert found.rows.tolist() == exact.tolist()


def test_store_and_address_bring_a_picture_back(explorer):
    query = Query(rows=(), embedding=text_of(explorer, 7), origin="picture", k=36)
    assert Query.from_store(json.loads(json.dumps(query.to_store())), 40) == query
    address = to_address(query, explorer)
    assert address == f"?picture={query.embedding}&k=36"
    assert from_address(address, explorer) == replace(query, origin="url")


@pytest.mark.parametrize("picture", [3, ["x"], {"a": 1}, True, "A" * 20_000])
def test_a_store_whose_picture_is_something_else_is_refused(picture):
    with pytest.raises(QueryError, match="not a picture"):
        Query.from_store({"rows": [], "embedding": picture}, 40)


@pytest.mark.parametrize("picture", ["", "x", "AAAA", "AAAA.BBBB", ".AAA", "." + "A" * 5_000])
def test_a_picture_that_is_none_is_refused_in_address_and_search(explorer, picture):
    with pytest.raises(QueryError, match=r"picture.*Choose"):
        from_address(f"?picture={picture}", explorer)
    with pytest.raises(QueryError, match=r"picture.*Choose"):
        Query(rows=(), embedding=picture).neighbours(explorer)


def test_a_file_asks_for_its_embedding(explorer):
    upload = upload_of(encoded(rgb_galaxy(60)))
    understood, own, contents, message = own_picture.receive(explorer, upload, "mine.png")
    assert understood["kind"] == "picture"
    embedding = understood["values"]["embedding"]
    assert (contents, message) == (None, "")
    assert own["note"] == "mine.png."
    assert own["crops"][embedding]["zoom"] == own["proposed"]["zoom"]
    np.testing.assert_array_equal(planes_from_url(own["square"]).transpose(1, 2, 0), rgb_galaxy(60))
    query = after(explorer, page_of(explorer, 3, k=49), tuple(understood.values())).page.query
    assert query == Query((), k=49, origin="picture", embedding=embedding)


def test_a_file_that_is_no_picture_asks_for_nothing_and_says_why(explorer):
    answer = own_picture.receive(explorer, upload_of(b"hello"), "mine.png")
    assert answer == (
        no_update,
        no_update,
        None,
        "The file is not a JPEG, PNG, WebP, TIFF or FITS picture.",
    )


def test_a_server_without_its_encoder_says_so():
    upload = upload_of(encoded(rgb_galaxy(60)))
    answer = own_picture.receive(explorer_with(Gone()), upload, "mine.png")
    assert answer[0] is no_update
    assert answer[3] == "encoder.onnx cannot be read."


def shown_after(explorer, understood, shown=None):
    """Return the page after what was understood, as the browser has it."""
    page = page_of(explorer, 3) if shown is None else Page.from_store(shown, explorer)
    return after(explorer, page, tuple(understood.values())).page.to_store()


def received(explorer):
    upload = upload_of(encoded(rgb_galaxy(60)))
    understood, own, _, _ = own_picture.receive(explorer, upload, "x" * 200)
    return shown_after(explorer, understood), own


def test_a_closer_crop_is_another_query_and_both_are_remembered(explorer):
    shown, own = received(explorer)
    assert own["note"] == f"{'x' * 79}…."
    understood, kept, message = own_picture.reframe(explorer, FRAME, own, shown)
    closer = shown_after(explorer, understood, shown)
    first, second = (page["query"]["embedding"] for page in (shown, closer))
    assert first != second
    assert list(kept["crops"]) == [first, second]
    assert kept["crops"][second]["zoom"] == 2.0
    assert message == ""
    # What the browser shows already is not embedded again.
    assert own_picture.reframe(explorer, FRAME | {"zoom": 2.001}, kept, closer)[0] is no_update


def test_of_many_crops_the_latest_are_remembered(explorer):
    shown, own = received(explorer)
    for zoom in np.linspace(1.1, 3, 20):
        understood, own, _ = own_picture.reframe(
            explorer, FRAME | {"zoom": float(zoom)}, own, shown
        )
        shown = shown_after(explorer, understood, shown)
    assert len(own["crops"]) == 12
    assert list(own["crops"])[-1] == shown["query"]["embedding"]


def test_a_frame_beside_the_middle_is_another_query(explorer):
    shown, own = received(explorer)
    understood, kept, _ = own_picture.reframe(explorer, FRAME, own, shown)
    moved = FRAME | {"x": 0.7}
    shown = shown_after(explorer, understood, shown)
    understood, kept, _ = own_picture.reframe(explorer, moved, kept, shown)
    crop = kept["crops"][understood["values"]["embedding"]]
    assert (crop["x"], crop["y"], crop["zoom"]) == (0.7, 0.5, 2.0)


@pytest.mark.parametrize(
    "frame",
    [
        None,
        3,
        [],
        {},
        *(
            {"x": 0.5, "y": 0.5, "zoom": z}
            for z in (None, "2", 0.5, 8.1, 1e300, True, float("nan"))
        ),
        *(FRAME | {"x": x} for x in (-0.1, 1.1, "x", [1], float("inf"))),
    ],
)
def test_a_frame_that_no_page_has_changes_nothing(explorer, frame):
    shown, own = received(explorer)
    assert own_picture.reframe(explorer, frame, own, shown)[0] is no_update


def test_a_picture_with_coordinates_says_where_its_frame_is(explorer):
    flux = np.stack([np.asarray(rgb_galaxy(200)[..., 0], "f4") / 100] * 3)
    content = fits_file(flux, SCALE_DEG)
    upload = f"data:;base64,{base64.b64encode(content).decode()}"
    understood, own, _, message = own_picture.receive(explorer, upload, "mine.fits")
    assert message == ""
    first = understood["values"]["embedding"]
    assert parse_position(own["crops"][first]["position"]) == pytest.approx((10, 5), abs=0.02)
    shown = shown_after(explorer, understood)
    understood, kept, _ = own_picture.reframe(explorer, {"x": 0.2, "y": 0.5, "zoom": 4}, own, shown)
    moved = kept["crops"][understood["values"]["embedding"]]
    # To the left is to the east, by 0.3 of 200 pixels.
    east = parse_position(moved["position"])[0] - parse_position(own["crops"][first]["position"])[0]
    assert east == pytest.approx(60 * SCALE_DEG, rel=0.05)
    made_up = own | {"sky": [1, 2, 3]}
    understood, kept, _ = own_picture.reframe(explorer, FRAME, made_up, shown)
    assert kept["crops"][understood["values"]["embedding"]]["position"] is None


@pytest.mark.parametrize("own", [None, 3, {}, {"crops": 3}, {"crops": {"x": 3}}])
def test_a_slider_without_a_picture_of_the_query_changes_nothing(explorer, own):
    shown, _ = received(explorer)
    assert own_picture.reframe(explorer, FRAME, own, shown)[0] is no_update


def test_a_picture_that_the_browser_has_lost_is_said_to_be_lost(explorer):
    shown, own = received(explorer)
    answer = own_picture.reframe(explorer, FRAME, own | {"square": "data:,"}, shown)
    assert answer == (no_update, no_update, "The page has lost your picture. Choose it again.")


def test_panels_speak_of_your_picture_and_the_map_marks_its_neighbours_only(explorer):
    found = answer(explorer, Query(rows=(), embedding=text_of(explorer, 20.2), k=16))
    pictures = Pictures(explorer)
    shown = gallery.show(explorer, pictures, found)
    assert shown.drawn["heading"] == "16 most similar to your picture"
    assert len(shown.drawn["cards"]) == 16
    assert texts(selected.show(explorer, pictures, found))[0] == "Your picture"
    change = highlight(explorer, found, colour_choices.default_colour(explorer))
    traces = (figures.NEIGHBOURS, figures.QUERY, figures.NEGATIVES)
    assert [len(change["data", trace, "x"]) for trace in traces] == [16, 0, 0]


def test_an_atlas_without_an_encoder_says_why_there_is_no_place_for_pictures():
    explorer = explorer_with(None)
    assert "published without its encoder" in " ".join(texts(own_picture.layout(explorer)))
    assert all_of(own_picture.layout(explorer), "Upload") == []
    assert own_picture.frame(explorer) == []
