"""The large view: a galaxy beside the one that was asked for, in a real browser."""

from playwright.sync_api import expect

from tests.browser.test_table import show

FIRST = "MOCK-000000"


def found_by(explorer, row, k=25):
    return [int(neighbour) for neighbour in explorer.neighbours([row], k).rows]


def name(explorer, row):
    return explorer.galaxy(row).object_id


def figure(page, which):
    return page.locator(f".enlarged-pair .is-{which}")


def level(page):
    """Return whether the levels of the pictures are changed, and the middle one of the curve."""
    return page.evaluate(
        """() => {
          const image = document.querySelector(".enlarged-pair img");
          const curve = document.querySelector("#galaxy-tone feFuncR").getAttribute("tableValues");
          return [getComputedStyle(image).filter !== "none", Number(curve.split(" ")[32])];
        }"""
    )


def test_the_keyboard_opens_a_galaxy_large_walks_on_and_comes_back(visitor, explorer):
    visitor.open()
    page, dialog = visitor.page, visitor.page.locator("dialog.enlarged")
    first = explorer.row_of(FIRST)
    found = found_by(explorer, first)
    assert page.locator("script[src*=enlarged]").count() == 0  # until it is needed
    card = page.locator("button.card").nth(1)
    card.focus()
    page.keyboard.press("v")
    expect(dialog).to_be_visible()
    title = dialog.get_by_role("heading", level=2)
    expect(title).to_have_text(f"2 of 25: {name(explorer, found[1])}")
    expect(figure(page, "first").locator("figcaption")).to_have_text(f"Asked for {FIRST}")
    expect(figure(page, "second").locator(".ruler-across")).to_have_text("40 arcsec across")
    expect(figure(page, "second").locator(".ruler-length")).to_have_text("10 arcsec")
    expect(figure(page, "second").get_by_role("img", name="North is up")).to_be_visible()
    groups = dialog.locator(".is-group")
    expect(groups.first).to_contain_text("like")
    expect(dialog.get_by_role("row", name="photometric redshift")).to_contain_text("±")
    expect(dialog.get_by_role("row", name="photometric redshift")).to_contain_text("σ")

    page.keyboard.press("ArrowRight")
    expect(title).to_have_text(f"3 of 25: {name(explorer, found[2])}")
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    expect(title).to_have_text(FIRST)  # the query itself, alone
    expect(dialog.locator(".enlarged-pair figure")).to_have_count(1)
    expect(dialog.get_by_role("button", name="Previous")).to_have_attribute("aria-disabled", "true")
    expect(dialog.get_by_role("button", name="Blink")).to_be_disabled()
    page.keyboard.press("ArrowLeft")
    expect(title).to_have_text(FIRST)

    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(card).to_be_focused()
    visitor.sees_selected(FIRST)
    assert page.url.endswith("/")  # no query, no step of the history


def test_pictures_blink_in_one_place_and_are_made_brighter_or_larger(visitor, explorer):
    visitor.open()
    page, dialog = visitor.page, visitor.page.locator("dialog.enlarged")
    page.locator(".selected").get_by_role("button", name=f"Enlarge {FIRST}").click()
    expect(dialog.get_by_role("heading", level=2)).to_have_text(FIRST)
    dialog.get_by_role("button", name="Next").click()
    expect(dialog.locator(".enlarged-pair figure")).to_have_count(2)

    page.keyboard.press("b")
    expect(figure(page, "second")).to_be_visible()
    expect(figure(page, "first")).to_be_hidden()
    expect(figure(page, "first")).to_be_visible()
    expect(figure(page, "second")).to_be_hidden()
    dialog.get_by_role("button", name="Blink").click()
    expect(figure(page, "first")).to_be_visible()
    expect(figure(page, "second")).to_be_visible()

    assert level(page) == [False, 0.5]
    dialog.get_by_label("Stretch").select_option("Faint parts")
    changed, middle = level(page)
    assert changed
    assert middle > 0.7
    dialog.get_by_label("Stretch").select_option("Negative")
    dialog.get_by_label("Brightness").fill("0.25")
    assert level(page) == [True, 0.75]
    dialog.get_by_role("button", name="Reset").click()
    assert level(page) == [False, 0.5]

    dialog.get_by_label("Each fills its frame").check()
    for _ in range(24):
        if dialog.locator(".ruler-note", has_text="The frame follows").count():
            break
        dialog.get_by_role("button", name="Next").click()
        page.wait_for_function("() => !document.querySelector('.enlarged[aria-busy]')")
    expect(dialog.locator(".ruler-note", has_text="The frame follows").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".selected .enlarge")).to_be_focused()


def test_a_row_of_the_table_opens_large_in_the_order_that_is_seen_and_searches(visitor, explorer):
    visitor.open()
    page, dialog = visitor.page, visitor.page.locator("dialog.enlarged")
    found = found_by(explorer, explorer.row_of(FIRST))
    show(visitor, "Table")
    page.get_by_role("button", name=f"Enlarge {name(explorer, found[0])}").first.click()
    n = explorer.n_objects - 1
    expect(dialog.get_by_role("heading", level=2)).to_have_text(
        f"1 of {n}: {name(explorer, found[0])}"
    )
    page.keyboard.press("ArrowRight")
    expect(dialog.get_by_role("heading", level=2)).to_have_text(
        f"2 of {n}: {name(explorer, found[1])}"
    )
    dialog.get_by_role("button", name="Search from here").click()
    expect(dialog).to_be_hidden()
    visitor.sees_selected(name(explorer, found[1]))


def test_pictures_whose_frames_follow_their_galaxies_can_be_seen_at_one_scale(traveller, nearby):
    traveller.finds_pictures()
    traveller.open("atlas/nearby/")
    page, dialog = traveller.page, traveller.page.locator("dialog.enlarged")
    selected = page.locator(".selected .ruler")
    expect(selected).to_contain_text("The frame follows the galaxy")
    page.locator("button.card").first.focus()
    page.keyboard.press("v")
    across = dialog.locator(".ruler-across")
    expect(across).to_have_count(2)
    expect(dialog.get_by_label("Each fills its frame")).to_be_checked()
    dialog.get_by_label("Same angular scale").check()
    expect(dialog.locator(".ruler-note").first).to_have_text("")
    expect(across).to_have_count(2)
    assert across.nth(0).inner_text() == across.nth(1).inner_text()
    traveller.wait_until_idle()


def test_a_galaxy_that_the_server_does_not_send_is_said_not_to_have_come(visitor):
    visitor.open()
    page, dialog = visitor.page, visitor.page.locator("dialog.enlarged")
    page.route("**/enlarged/**", lambda route: route.fulfill(status=500))
    page.locator("button.card").first.focus()
    page.keyboard.press("v")
    expect(dialog.get_by_role("alert")).to_contain_text("has not sent this galaxy")
    visitor.forgives("500")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_on_a_phone_pictures_lie_one_below_the_other(phone):
    phone.open()
    page = phone.page
    page.locator("ul.cards").get_by_role("button", name="Enlarge").first.click()
    boxes = [figure(page, which).bounding_box() for which in ("first", "second")]
    assert boxes[1]["y"] > boxes[0]["y"] + boxes[0]["width"]
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 390 for box in boxes)
    page.locator("dialog.enlarged").get_by_role("button", name="Close").click()
    expect(page.locator("dialog.enlarged")).to_be_hidden()


def test_pictures_and_names_fill_the_large_view_of_every_screen(traveller):
    traveller.finds_pictures()
    traveller.open("atlas/nearby/")
    page, dialog = traveller.page, traveller.page.locator("dialog.enlarged")
    page.locator("ul.cards li").first.hover()
    page.locator("ul.cards").get_by_role("button", name="Enlarge").first.click()
    expect(dialog.locator(".picture.is-loaded")).to_have_count(2)
    for width, height, least in ((1440, 900, 440), (1920, 1080, 680)):
        page.set_viewport_size({"width": width, "height": height})
        whole = dialog.bounding_box()
        pictures = [figure(page, which).locator(".picture") for which in ("first", "second")]
        assert min(place.bounding_box()["width"] for place in pictures) > least
        names = dialog.locator(".enlarged-who").bounding_box()
        left = whole["y"] + whole["height"] - names["y"] - names["height"]
        assert 0 < left < 0.25 * height
        boxes = [picture.bounding_box() for picture in pictures]
        data = dialog.locator(".enlarged-data").bounding_box()
        assert boxes[1]["x"] + boxes[1]["width"] <= data["x"]
    lines = "names => names.map((name) => name.getClientRects().length)"
    assert set(dialog.locator(".other-name").evaluate_all(lines)) == {1}  # none is broken
