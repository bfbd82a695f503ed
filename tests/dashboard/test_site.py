"""Below which path everything is, and what says so."""

import pytest
from flask import Flask

from dashboard.site import (
    address,
    base_path,
    page_address,
    page_route,
    read_base_path,
    set_base_path,
)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", ""),
        ("/", ""),
        ("galaxies", "/galaxies"),
        ("/galaxies", "/galaxies"),
        ("/galaxies/", "/galaxies"),
        ("/sky/galaxy-finder_2.0/", "/sky/galaxy-finder_2.0"),
    ],
)
def test_a_path_is_written_in_one_way(text, path):
    assert read_base_path(text) == path


@pytest.mark.parametrize(
    "text",
    [
        "/a b",
        "/a//b",
        "/../a",
        "/.",
        "/a?b",
        "/a#b",
        "/%41",
        "/<b>",
        "https://a/b",
        "/ä",
        "x" * 101,
    ],
)
def test_what_is_no_plain_path_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="Write one such as /galaxies"):
        read_base_path(text)


def test_without_a_path_and_outside_of_a_server_addresses_are_routes():
    assert (base_path(), address("/api"), page_address("mock")) == ("", "/api", "/atlas/mock/")
    server = Flask("dashboard")
    with server.app_context():
        assert (base_path(), page_address("mock")) == ("", "/atlas/mock/")


def test_two_servers_in_one_process_have_paths_of_their_own():
    one, two = Flask("dashboard"), Flask("dashboard")
    set_base_path(one, "/galaxies")
    with one.app_context():
        assert (base_path(), page_address("mock")) == ("/galaxies", "/galaxies/atlas/mock/")
        with two.app_context():
            assert page_address("mock") == page_route("mock")
        assert address("/api") == "/galaxies/api"
