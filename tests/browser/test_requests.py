"""What happens quickly, late or never: requests in a real browser, and how many there are."""

import pytest
from playwright.sync_api import expect

from dashboard.query.query import Query

FIRST = "MOCK-000000"
CALLS = "**/_dash-update-component*"
ADD = "() => [...document.querySelectorAll('ul.cards .sign.is-positive')].slice({}, {}).forEach({})"
CLICK = "(button) => button.click()"


@pytest.fixture
def calls(visitor):
    """The first output of each call of the server, in their order."""
    made = []

    def note(request):
        if "_dash-update-component" in request.url:
            made.append(request.post_data_json["output"].strip(".").split("...")[0])

    visitor.page.on("request", note)
    yield made
    visitor.page.remove_listener("request", note)


def neighbours(explorer, *rows, **others):
    return Query(rows, **others).neighbours(explorer).rows.tolist()


def name_of(explorer, row):
    return explorer.galaxy(row).object_id


def in_address(explorer, rows, k=25):
    return "?" + "&".join([*(f"galaxy={name_of(explorer, row)}" for row in rows), f"k={k}"])


def test_whatever_one_does_is_one_call_of_the_server(visitor, explorer, calls):
    visitor.open()
    page = visitor.page
    assert calls == ["answer.data"]
    point = visitor.lonely_point()
    visitor.point_at(point)
    visitor.wait_until_idle()
    for act in (
        lambda: page.mouse.click(point["x"], point["y"]),
        lambda: page.locator("button.card").nth(3).click(),
        lambda: page.evaluate(ADD.format(2, 3, CLICK)),
        lambda: page.get_by_label("Show", exact=True).select_option("49"),
        lambda: page.get_by_label("Colour", exact=True).select_option("mag_z"),
        lambda: page.get_by_role("button", name="Random").click(),
        page.go_back,
    ):
        before = page.evaluate("location.href")
        calls.clear()
        act()
        page.wait_for_function("before => location.href !== before", arg=before)
        visitor.wait_until_idle()
        assert [call for call in calls if not call.startswith("map-hover")] == ["answer.data"]
    calls.clear()
    visitor.search(FIRST)  # which has to be understood first
    visitor.sees_selected(FIRST)
    visitor.wait_until_idle()
    assert calls == ["search-text.value", "answer.data"]


def test_a_card_and_another_number_at_once_both_count(visitor, explorer):
    visitor.open()
    first = explorer.row_of(FIRST)
    third = neighbours(explorer, first)[2]
    visitor.page.evaluate(
        """() => {
          document.querySelectorAll("button.card")[2].click();
          const k = document.getElementById("gallery-k");
          Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, "value").set.call(k, "16");
          k.dispatchEvent(new Event("change", { bubbles: true }));
        }"""
    )
    visitor.sees_address(in_address(explorer, [third], 16))
    visitor.sees_cards(16)
    expect(visitor.page.get_by_label("Show", exact=True)).to_have_value("16")


def test_what_is_asked_while_an_answer_is_being_shown_follows_it(visitor, explorer, calls):
    visitor.open()
    first, third = explorer.row_of(FIRST), 2
    calls.clear()
    visitor.page.evaluate(
        """() => {
          new MutationObserver(function (_changes, observer) {
            observer.disconnect();
            window.addressThen = location.search;
            document.querySelectorAll("ul.cards .sign.is-positive")[0].click();
          }).observe(document.querySelector("ul.cards"), { childList: true });
          document.querySelectorAll("button.card")[2].click();
        }"""
    )
    row = neighbours(explorer, first)[third]
    expect(visitor.page.locator("#tray-like > li")).to_have_count(2)
    visitor.wait_until_idle()
    assert calls == ["answer.data", "answer.data"]
    assert visitor.page.evaluate("addressThen") == ""  # the answer was not there as a whole
    visitor.sees_address(in_address(explorer, [row, neighbours(explorer, row)[0]]))


def test_an_answer_that_is_late_does_not_take_the_page_back(visitor, explorer):
    visitor.open()
    first, held = explorer.row_of(FIRST), []

    def hold_the_first(route):
        if held:
            route.continue_()
        else:
            held.append(route)

    visitor.page.route(CALLS, hold_the_first)
    found = neighbours(explorer, first)
    visitor.page.evaluate(ADD.format(0, 1, CLICK))
    visitor.page.wait_for_function("() => window.store.getState().callbacks.watched.length > 0")
    visitor.page.evaluate(ADD.format(1, 2, CLICK))
    both = in_address(explorer, [first, *found[:2]])
    visitor.sees_address(both)
    held[0].continue_()
    visitor.page.unroute(CALLS)
    visitor.page.evaluate(ADD.format(2, 3, CLICK))
    expect(visitor.page.locator("#tray-like > li")).to_have_count(4)
    visitor.wait_until_idle()
    visitor.page.go_back()
    visitor.sees_address(both)
    expect(visitor.page.locator("#tray-like > li")).to_have_count(3)


def test_what_never_arrived_is_asked_for_again_with_the_next_thing(visitor, explorer):
    visitor.open()
    page, found = visitor.page, neighbours(explorer, explorer.row_of(FIRST))
    page.route(CALLS, lambda route: route.abort())
    page.evaluate(ADD.format(0, 1, CLICK))
    expect(page.locator("#notice")).to_contain_text("The server does not answer")
    page.unroute(CALLS)
    page.evaluate(ADD.format(1, 2, CLICK))
    visitor.sees_address(in_address(explorer, [explorer.row_of(FIRST), *found[:2]]))
    expect(page.locator("#notice")).to_be_hidden()
    visitor.forgives("ERR_FAILED")
    visitor.forgives("Callback failed")


def test_what_is_refused_is_said_and_costs_nothing_else(visitor, explorer, calls):
    visitor.open()
    page, before = visitor.page, visitor.page.url
    page.evaluate("window.galaxyFinder.ask('card', { row: 1, more: 'x'.repeat(600000) })")
    expect(page.locator("#notice")).to_contain_text("larger than the server takes")
    expect(page.locator("#notice")).to_contain_text("Request ")
    assert page.url == before
    calls.clear()
    page.evaluate(ADD.format(0, 1, CLICK))
    found = neighbours(explorer, explorer.row_of(FIRST))
    visitor.sees_address(in_address(explorer, [explorer.row_of(FIRST), found[0]]))
    expect(page.locator("#notice")).to_be_hidden()
    assert calls == ["answer.data"]
    visitor.forgives("413")
    visitor.forgives("Callback error")


def test_controls_follow_a_step_back_without_asking(visitor, calls):
    visitor.open()
    page = visitor.page
    page.get_by_label("Show", exact=True).select_option("16")
    visitor.sees_cards(16)
    page.locator("summary", has_text="Options").click()
    page.locator(".options-menu").get_by_label("Least similar first").check()
    visitor.sees_address(f"?galaxy={FIRST}&k=16&order=least")
    visitor.wait_until_idle()
    calls.clear()
    page.go_back()
    expect(page.locator(".options-menu").get_by_label("Most similar first")).to_be_checked()
    page.go_back()
    expect(page.get_by_label("Show", exact=True)).to_have_value("25")
    visitor.wait_until_idle()
    assert calls == ["answer.data"] * 2
