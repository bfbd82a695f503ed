"""What stands where: a picture beside its data, columns that resize, the way past the first one."""

from playwright.sync_api import expect

LEFT = "Width of the left"


def width_of(visitor, which):
    return visitor.page.locator(f".column.is-{which}").bounding_box()["width"]


def test_the_data_of_the_galaxy_are_seen_without_scrolling(visitor):
    visitor.open()
    page = visitor.page
    lines = page.locator(".selected-data .definitions > div")
    for place in (page.locator(".selected > .picture"), lines.nth(5)):
        expect(place).to_be_in_viewport(ratio=1)
    name, picture = (
        page.locator(f".selected {place}").bounding_box()
        for place in (".selected-name", ".picture")
    )
    assert name["x"] >= picture["x"] + picture["width"]
    ways = [page.locator(place).bounding_box() for place in ("#list-open", ".own-drop .btn")]
    assert ways[0]["y"] == ways[1]["y"]


def test_on_a_phone_the_gallery_is_on_the_first_screen(phone):
    phone.open()
    expect(phone.page.locator("button.card").nth(4)).to_be_in_viewport(ratio=1)


def test_the_first_stop_of_the_keyboard_leads_to_the_gallery(visitor):
    visitor.open()
    visitor.page.keyboard.press("Tab")
    expect(visitor.page.get_by_role("link", name="Skip to the gallery")).to_be_focused()
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator("button.card").first).to_be_focused()


def test_columns_are_as_wide_as_someone_makes_them_until_a_double_click(visitor):
    visitor.open()
    page = visitor.page
    divider = page.get_by_role("separator", name=LEFT)
    first = width_of(visitor, "left")
    divider.focus()
    page.keyboard.press("ArrowRight")
    assert width_of(visitor, "left") == first + 16
    expect(divider).to_have_attribute("aria-valuenow", str(round(first + 16)))
    box = divider.bounding_box()
    page.mouse.move(box["x"] + 5, 400)
    page.mouse.down()
    page.mouse.move(box["x"] + 65, 400, steps=4)
    page.mouse.up()
    assert width_of(visitor, "left") == first + 76
    page.reload()
    visitor.sees_map()
    visitor.wait_until_idle()
    assert width_of(visitor, "left") == first + 76
    divider.dblclick()
    assert width_of(visitor, "left") == first
    right = width_of(visitor, "right")
    page.get_by_role("separator", name="Width of the right").press("ArrowLeft")
    assert abs(width_of(visitor, "right") - right - 16) <= 1
    page.wait_for_function(
        "() => Math.abs(document.querySelector('.map').clientWidth"
        " - document.querySelector('.js-plotly-plot')._fullLayout.width) <= 1"
    )


def test_one_note_speaks_for_all_pictures_that_do_not_come_until_they_do(traveller, nearby):
    traveller.finds_no_pictures()
    traveller.open(f"atlas/nearby/?galaxy={nearby.galaxy(12).object_id}&k=25")
    note = traveller.page.locator(".pictures-note")
    expect(note).to_contain_text("No pictures: legacysurvey.org cannot be reached.")
    for place in traveller.page.locator("button.card .picture-why").all():
        expect(place).to_be_hidden()
    assert traveller.page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    traveller.finds_pictures()
    note.get_by_role("button", name="Try again").click()
    expect(traveller.page.locator(".picture.is-loaded")).to_have_count(26)
    expect(note).to_be_hidden()
    traveller.forgives("ERR_NAME_NOT_RESOLVED")
