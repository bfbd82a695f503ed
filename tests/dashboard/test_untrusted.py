"""Uploads as a browser sends them: data URLs of files, whole or refused."""

import pytest

from dashboard.untrusted import MOST_FILE_BYTES, UploadError, file_content, quoted


def test_a_file_is_read_from_its_data_url():
    assert file_content("data:text/plain;base64,aGVsbG8=") == b"hello"


@pytest.mark.parametrize(
    ("contents", "words"),
    [
        (None, "did not arrive whole"),
        ("", "did not arrive whole"),
        (["data:;base64,aGVsbG8="], "did not arrive whole"),
        ("data:image/png;base64,%%%", "did not arrive whole"),
        ("data:image/png;base64,\u00e9", "did not arrive whole"),
        ("data:;base64," + "A" * (2 * MOST_FILE_BYTES + 4), "larger than 10 MB"),
        ("data:;base64," + "A" * (4 * (MOST_FILE_BYTES // 3 + 1)), "larger than 10 MB"),
    ],
)
def test_a_file_that_is_too_large_or_broken_is_refused(contents, words):
    with pytest.raises(UploadError, match=words):
        file_content(contents)


def test_a_file_of_just_the_most_bytes_is_read():
    contents = "data:;base64," + "AAAA" * (MOST_FILE_BYTES // 3) + "AA=="
    assert file_content(contents) == bytes(MOST_FILE_BYTES)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (1e300, "1e+300"),
        (-7, "-7"),
        ("G1", "'G1'"),
        (10**20, "something else"),
        ([1], "something else"),
    ],
)
def test_what_is_wrong_is_shown_where_it_is_short(value, words):
    assert quoted(value) == words
