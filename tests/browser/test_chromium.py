"""What happens on a machine without a browser."""

import pytest

from tests.browser import chromium


@pytest.fixture
def bare_machine(monkeypatch):
    tried = []
    monkeypatch.setattr(chromium, "find_browser", lambda: None)
    monkeypatch.setattr(chromium, "install", lambda: tried.append(True))
    return tried


@pytest.mark.parametrize(("required", "status"), [("", 0), ("1", 1)])
def test_a_browser_that_cannot_be_had_fails_only_where_it_is_required(
    bare_machine, monkeypatch, capsys, required, status
):
    monkeypatch.setenv(chromium.REQUIRED, required)
    assert chromium.main() == status
    assert bare_machine == [True]
    assert "NO CHROMIUM OR CHROME FOUND" in capsys.readouterr().err


def test_a_browser_that_is_there_is_left_alone(monkeypatch, capsys):
    monkeypatch.setattr(chromium, "find_browser", lambda: "/usr/bin/chromium")
    monkeypatch.setattr(chromium, "install", lambda: pytest.fail("nothing to install"))
    assert chromium.main() == 0
    assert capsys.readouterr() == ("", "")
