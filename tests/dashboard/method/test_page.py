"""The method page as a whole."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from flask import Flask

from dashboard.app import create_app
from dashboard.explorer.explorer import Explorer
from dashboard.method.page import register_method
from pipeline.atlas import CutoutService, open_atlas
from tests.dashboard.small_atlas import random_unit_rows, small_atlas

VOID = {"meta", "link", "img", "br", "use", "circle", "path", "ellipse"}


class Outline(HTMLParser):
    """Headings, links, pictures and ids of a page, and whether all that opens is closed."""

    def __init__(self, page):
        super().__init__()
        self.headings, self.links, self.images, self.ids, self._open = [], [], [], [], []
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "a":
            self.links.append(named["href"])
        if tag == "img":
            self.images.append(named)
        if "id" in named:
            self.ids.append(named["id"])
        if tag not in VOID and not tag.startswith("fe"):
            self._open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self._open.pop() == tag


def bare(name="bare", **manifest):
    atlas = small_atlas(random_unit_rows(20, 4))
    return Explorer(replace(atlas, manifest=replace(atlas.manifest, name=name, **manifest)))


def page_of(*explorers):
    server = Flask("dashboard")
    register_method(server, {explorer.name: explorer for explorer in explorers})
    answer = server.test_client().get(f"/atlas/{explorers[0].name}/method")
    assert answer.status_code == 200
    return answer.text


@pytest.fixture(scope="module")
def tiny(tiny_atlas):
    return Explorer(open_atlas(tiny_atlas))


@pytest.fixture(scope="module")
def page(tiny):
    return page_of(tiny)


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_page_is_served_beside_the_app_that_answers_all_else(slash):
    explorer = bare()
    client = create_app({"bare": explorer}).test_client()
    answer = client.get(f"/atlas/bare/method{slash}")
    assert answer.status_code == 200
    assert "<h1>How it works</h1>" in answer.text


def test_the_outline_has_no_gaps_and_the_contents_lead_to_it(page):
    outline = Outline(page)
    assert outline.headings[0] == 1
    assert outline.headings.count(1) == 1
    steps = zip(outline.headings, outline.headings[1:], strict=False)
    assert all(later <= former + 1 for former, later in steps)
    assert len(outline.ids) == len(set(outline.ids))
    anchors = [link[1:] for link in outline.links if link.startswith("#")]
    assert len(anchors) == 10  # nine sections, and the way past the contents
    assert set(anchors) <= set(outline.ids)


def test_every_picture_has_words_or_says_that_it_needs_none(page):
    images = Outline(page).images
    assert len(images) == 11 + 10  # stripes of galaxies, and views
    assert all("alt" in image for image in images)
    assert len(re.findall("data-picture='{[^']+}'", page)) == 11


def test_numbers_are_those_of_the_atlas(tiny, page):
    index, training = (
        tiny.manifest.index.parameters,
        tiny.manifest.model.config["training"]["train"],
    )
    words = re.sub(r"\s+", " ", page)
    assert f"{tiny.manifest.embedding.dim} numbers" in words
    assert f"in {index['n_trees']} random trees and looks at about {index['search_k']:,}" in words
    assert "Of galaxies within 25.15 arcsec of each other" in words
    assert f"<dt>Passes over the galaxies</dt><dd>{training['epochs']}</dd>" in words
    assert "300 simulated galaxies" in words
    for citation in tiny.manifest.citations:
        assert citation in words


def test_only_the_engine_and_the_layout_of_the_atlas_are_cited(page):
    assert "https://github.com/spotify/annoy" in page
    assert "https://arxiv.org/abs/1802.03426" in page
    manifest = bare().manifest
    other = page_of(
        bare(
            index=replace(manifest.index, engine="exact", why="It was the quickest."),
            map_layout=replace(manifest.map_layout, layout="pca", parameters={}),
        )
    )
    assert "spotify/annoy" not in other
    assert "It was the quickest." in other
    assert "1802.03426" not in other
    assert "https://arxiv.org/abs/2110.13151" in other


def test_what_it_is_good_at_is_read_from_the_figures_of_the_atlas(tiny, page):
    words = re.sub(r"\s+", " ", page)
    (line,) = [
        line
        for section in tiny.evaluation["sections"]
        for line in section["lines"]
        if line["figure"] == "k-NN R2" and line["subject"] == "truth_bulge_fraction"
    ]
    value, spread = line["values"]["embedding"]
    assert "True share of the spheroid in the z-band light" in words
    assert f"{value:.3f} ±{spread:.3f}".replace("-", "−") in words
    for description in tiny.evaluation["representations"].values():
        assert description in words


def test_an_atlas_that_lacks_nearly_everything_says_so():
    words = re.sub(r"\s+", " ", page_of(bare()))
    assert "published without figures of merit" in words
    assert "does not record how its model, none, was trained" in words
    assert "none: the atlas has no pictures" in words
    assert "How well it does on these galaxies is not known here." in words
    Outline(words)


def test_pictures_of_a_service_are_said_to_come_from_there():
    service = CutoutService(base_url="https://www.legacysurvey.org/viewer/jpeg-cutout", layer="x")
    words = page_of(bare(cutout_service=service, simulated=False))
    assert "from legacysurvey.org, not always those that the encoder saw" in words
    assert "None of them exists" not in words


def test_the_page_leads_to_the_explorer_and_to_the_pages_of_the_other_atlases():
    links = Outline(page_of(bare("one"), bare("two"))).links
    assert {"/atlas/one/", "/atlas/one/method", "/atlas/two/method"} <= set(links)
    assert "/atlas/two/" not in links


def test_words_of_an_atlas_cannot_become_part_of_the_page():
    evil = "<script>alert(1)</script>"
    page = page_of(bare(title=evil, survey=evil, citations=(evil,), bands=(evil,)))
    assert evil not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_page_asks_nobody_else(page):
    sources = re.findall(r'(?:src|href)="([^"]+)"', page)
    fetched = [s for s in sources if not s.startswith(("/", "#", "data:", "https://"))]
    assert fetched == []
    assert re.findall(r'src="(https?:[^"]+)"', page) == []
