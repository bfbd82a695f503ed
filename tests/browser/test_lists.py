"""A list of galaxies, pasted or uploaded, in a real browser."""

from playwright.sync_api import expect

FIRST = "MOCK-000000"


def five_entries(explorer):
    """Two positions, the second 10 arcmin off; two names; nonsense."""
    third = explorer.galaxy(3).position
    return "\n".join(
        [
            f"{third.ra_deg} {third.dec_deg}",
            "13:17:19.8 +20:48:17.5",
            explorer.galaxy(7).object_id,
            explorer.galaxy(9).object_id.lower(),
            "nonsense here",
        ]
    )


def open_list(visitor):
    visitor.page.locator("#list-open").click()
    expect(visitor.page.get_by_role("dialog")).to_be_visible()


def paste(visitor, text):
    open_list(visitor)
    visitor.page.get_by_label("Names or positions").fill(text)
    visitor.page.get_by_role("button", name="Match", exact=True).click()
    expect(visitor.page.locator("#list-summary")).to_contain_text("matched")


def row(visitor, number):
    """Return the cells of a row; the boxes are in a row of their own, of the same number."""
    return visitor.page.locator(f".ag-center-cols-container [row-id='{number}']")


def box(visitor, number):
    return visitor.page.locator(f".ag-pinned-left-cols-container [row-id='{number}'] input")


def test_a_pasted_list_is_matched_opened_and_used_together(visitor, explorer):
    visitor.open()
    paste(visitor, five_entries(explorer))
    page = visitor.page
    expect(page.locator("#list-summary")).to_have_text("3 of 5 entries matched; 1 far, 1 unknown.")
    expect(row(visitor, 1)).to_contain_text("0.0 arcsec")
    expect(row(visitor, 2)).to_contain_text("10.0 arcmin")
    expect(row(visitor, 4)).to_contain_text(explorer.galaxy(9).object_id)
    expect(row(visitor, 5)).to_contain_text("unknown")
    row(visitor, 3).click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    visitor.sees_selected(explorer.galaxy(7).object_id)
    visitor.sees_address(f"?galaxy={explorer.galaxy(7).object_id}&k=25")
    expect(page.locator("#list-open")).to_have_text("Your list: 3 of 5 matched")
    open_list(visitor)
    expect(box(visitor, 5)).to_be_hidden()
    box(visitor, 1).check()
    box(visitor, 4).check()
    page.get_by_role("button", name="Use the 2 selected together").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    ids = [explorer.galaxy(galaxy).object_id for galaxy in (3, 9)]
    visitor.sees_address(f"?galaxy={ids[0]}&galaxy={ids[1]}&k=25")
    expect(page.locator("#selected")).to_contain_text("and 1 more")


def test_an_uploaded_file_says_what_did_not_match_and_survives_a_reload(visitor, explorer):
    visitor.open()
    open_list(visitor)
    names = [explorer.galaxy(galaxy).object_id for galaxy in range(120)]
    table = "\n".join(["name,ra,dec", *(f"{name},," for name in names), "no such galaxy,,"])
    visitor.page.locator("#list-upload input").set_input_files(
        {"name": "mine.csv", "mimeType": "text/csv", "buffer": table.encode()}
    )
    summary = visitor.page.locator("#list-summary")
    expect(summary).to_contain_text("120 of 121 entries of mine.csv matched; 1 unknown.")
    expect(summary).to_contain_text("at most 100 galaxies together: select some")
    expect(visitor.page.get_by_role("button", name="Use all 120 together")).to_be_disabled()
    visitor.page.get_by_label("Only what was not matched").check()
    expect(visitor.page.locator(".ag-center-cols-container [row-id]")).to_have_count(1)
    expect(row(visitor, 122)).to_contain_text("no such galaxy")
    visitor.wait_until_idle()
    visitor.open()
    expect(visitor.page.locator("#list-open")).to_have_text("Your list: 120 of 121 matched")


def test_the_keyboard_alone_brings_a_list_and_opens_an_entry(visitor, explorer):
    visitor.open()
    button = visitor.page.locator("#list-open")
    button.focus()
    keyboard = visitor.page.keyboard
    keyboard.press("Enter")
    text = visitor.page.get_by_label("Names or positions")
    expect(text).to_be_focused()
    keyboard.insert_text(f"nonsense here\n{explorer.galaxy(7).object_id}")
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(visitor.page.locator("#list-summary")).to_contain_text("1 of 2 entries matched")
    keyboard.press("Escape")
    expect(button).to_be_focused()
    visitor.wait_until_idle()
    keyboard.press("Enter")
    expect(visitor.page.locator(".ag-cell:focus")).to_have_count(1)
    keyboard.press("Enter")  # nothing to open
    keyboard.press("ArrowDown")
    keyboard.press("Space")
    expect(visitor.page.locator("#list-use-selected")).to_be_enabled()
    keyboard.press("Enter")
    visitor.sees_selected(explorer.galaxy(7).object_id)
    expect(button).to_be_focused()


def test_what_cannot_be_read_is_said_and_another_list_may_follow(visitor, explorer):
    visitor.open()
    open_list(visitor)
    message = visitor.page.locator("#list-message")
    visitor.page.get_by_role("button", name="Match", exact=True).click()
    expect(message).to_contain_text("no entries")
    upload = visitor.page.locator("#list-upload input")
    upload.set_input_files(
        {"name": "a.gz", "mimeType": "application/gzip", "buffer": b"\x1f\x8b\x08\0"}
    )
    expect(message).to_contain_text("save a spreadsheet as CSV")
    upload.set_input_files({"name": "big.csv", "mimeType": "", "buffer": b"x" * 10_100_000})
    expect(message).to_contain_text("big.csv has 10.1 MB; at most 10 MB are read.")
    visitor.page.get_by_label("Names or positions").fill(explorer.galaxy(7).object_id)
    visitor.page.get_by_role("button", name="Match", exact=True).click()
    expect(visitor.page.locator("#list-summary")).to_contain_text("1 of 1 entry matched.")
    expect(message).to_be_hidden()
    visitor.page.get_by_role("button", name="Another list").click()
    expect(visitor.page.get_by_label("Names or positions")).to_be_visible()
    expect(visitor.page.locator("#list-open")).to_have_text("List of galaxies")
