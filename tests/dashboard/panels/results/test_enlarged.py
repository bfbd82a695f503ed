import pytest
from flask import Flask

from dashboard.explorer.explorer import UnknownGalaxyError
from dashboard.panels.results.enlarged import register_enlarged, shown
from dashboard.pictures.addresses import Pictures
from tests.dashboard.panel_words import N


@pytest.fixture
def page(explorer):
    return lambda row, beside=None: shown(explorer, Pictures(explorer), row, beside)


@pytest.fixture
def asked(explorer):
    server = Flask("test")
    register_enlarged(server, {"small": explorer})
    return server.test_client().get


def test_a_galaxy_is_shown_beside_the_one_that_was_asked_for(page):
    answer = page(3, 2)
    assert [galaxy["name"] for galaxy in answer["galaxies"]] == ["NGC 2", "NGC 3"]
    assert [galaxy["also"] for galaxy in answer["galaxies"]] == [["G2"], ["G3"]]
    assert answer["apart"] == "1.0 deg apart on the sky"
    lines = [line for group in answer["groups"] for line in group["lines"]]
    assert {line["label"] for line in lines} == {"z magnitude", "kind", "truth: redshift"}
    assert {len(views) for views in answer["views"].values()} == {2}
    assert answer["first"] in answer["views"]


def test_the_galaxy_that_was_asked_for_is_shown_alone(page):
    for answer in (page(2), page(2, 2)):
        assert [galaxy["row"] for galaxy in answer["galaxies"]] == [2]
        assert answer["apart"] == ""
        (group,) = answer["groups"]
        assert [line["first"] for line in group["lines"]] == ["14.16", "spiral", "0.03"]


def test_what_is_missing_of_one_is_in_a_group_of_its_own_at_the_end(page):
    group = page(0, 2)["groups"][-1]
    assert group["kind"] == "unknown"
    assert {line["label"] for line in group["lines"]} == {"z magnitude", "kind"}


def test_the_answer_is_json_and_wrong_addresses_are_told_so(page, asked):
    assert asked("/enlarged/small/3?beside=2").get_json() == page(3, 2)
    assert asked("/enlarged/small/3").get_json() == page(3)
    for address in (f"small/{N}", f"small/3?beside={N}", "other/3", "small/-1", "small/x"):
        assert asked(f"/enlarged/{address}").status_code == 404, address
    for beside in ("x", "-1", "1e3", "²", "9" * 40):
        assert asked(f"/enlarged/small/3?beside={beside}").status_code == 400, beside
    with pytest.raises(UnknownGalaxyError):
        page(N)
