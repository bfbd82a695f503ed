from dashboard.pictures.rulers import OWN_SCALE, SCALE_NOT_KNOWN, angle, ruler


def test_a_bar_has_a_round_length_that_spans_at_most_three_tenths_of_the_picture():
    lines = ruler(40.0, north_up=True)
    assert (lines.length, lines.share) == ("10 arcsec", 0.25)
    assert (lines.across, lines.north_up, lines.note) == ("40 arcsec across", True, "")
    for side_arcsec in (1, 3.4, 23, 60, 99, 301, 1799, 3600):
        assert 0.1 <= ruler(side_arcsec, north_up=False).share <= 0.3, side_arcsec


def test_a_picture_of_a_scale_of_its_own_says_so_and_one_without_any_has_no_bar():
    assert ruler(100.0, north_up=True, note=OWN_SCALE).note == OWN_SCALE
    lines = ruler(None, north_up=False)
    assert (lines.share, lines.length, lines.across) == (0.0, "", "")
    assert lines.note == SCALE_NOT_KNOWN


def test_an_angle_just_below_a_unit_is_said_in_it():
    assert angle(59.7) == "60 arcsec"
    assert angle(60) == "1 arcmin"
    assert angle(3590) == "60 arcmin"


def test_a_picture_smaller_than_any_length_still_has_a_bar():
    assert ruler(0.2, north_up=False).length == "0.1 arcsec"
