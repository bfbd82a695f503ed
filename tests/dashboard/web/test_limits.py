"""How much a browser may send, and of what shape."""

import io
import json
import time

import pytest

from dashboard.web.limits import (
    DEEPEST,
    MOST_PARTS,
    RefusedError,
    TooLargeError,
    checked_json,
    read_limited,
)


def small_but_uploads(output):
    return 20_000 if output == "upload.data" else 5_000


def sent(output, n_bytes):
    start = json.dumps({"output": output, "inputs": ""})[:-2].encode()
    return start + b"x" * (n_bytes - len(start) - 2) + b'"}'


def test_what_is_small_enough_is_read_whole():
    for data in (b"", b"{}", sent("query.data", 5_000), sent("upload.data", 20_000)):
        assert read_limited(io.BytesIO(data), len(data), small_but_uploads) == data
        assert read_limited(io.BytesIO(data), None, small_but_uploads) == data


@pytest.mark.parametrize(("output", "n_bytes"), [("query.data", 5_001), ("upload.data", 20_001)])
def test_what_is_larger_than_its_purpose_allows_is_refused_said_or_not(output, n_bytes):
    data = sent(output, n_bytes)
    for declared in (n_bytes, None):
        with pytest.raises(TooLargeError):
            read_limited(io.BytesIO(data), declared, small_but_uploads)


def test_what_says_that_it_is_too_large_is_hardly_read():
    file = io.BytesIO(b" " * 1_000_000)
    with pytest.raises(TooLargeError, match="1,000,000 bytes"):
        read_limited(file, 1_000_000, small_but_uploads)
    assert file.tell() <= 4_096


def test_a_call_that_names_its_output_late_has_the_size_of_any():
    data = b'{"inputs": "' + b"x" * 6_000 + b'", "output": "upload.data"}'
    with pytest.raises(TooLargeError):
        read_limited(io.BytesIO(data), len(data), small_but_uploads)


def test_json_that_a_browser_writes_is_read():
    value = {"a": [1, -2.5, 1e308, 'x]}\\"[{', None, True, {"é": []}]}
    assert checked_json(json.dumps(value).encode()) == value
    assert checked_json(json.dumps(value, ensure_ascii=False).encode()) == value


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[1,]", "NaN", "[Infinity]", "[-Infinity]", "1e999", "[1" + "0" * 50 + "]"),
        *("[" * 5_000, '{"a":' * 50 + "1" + "}" * 50, "\ufeff{}", '"' + "\\" * 3),
    ],
)
def test_what_no_browser_writes_is_refused(text):
    with pytest.raises(RefusedError):
        checked_json(text.encode())


@pytest.mark.parametrize("data", [b'"\xed\xa0\x80"', b"\xff\xfe{\x00}\x00", b'"\xff"'])
def test_other_encodings_are_refused(data):
    with pytest.raises(RefusedError, match="no JSON"):
        checked_json(data)


def test_brackets_count_outside_of_texts_only():
    assert checked_json(json.dumps("[" * (MOST_PARTS + 1)).encode())
    nested = json.loads("[" * DEEPEST + "]" * DEEPEST)
    assert checked_json(json.dumps(nested).encode()) == nested
    with pytest.raises(RefusedError, match="levels deep"):
        checked_json(json.dumps([nested]).encode())


def test_halves_of_characters_become_a_sign():
    read = checked_json(rb'{"\ud800": ["\udfffx", "\ud83c\udf0c"]}')
    assert read == {"\ufffd": ["\ufffdx", "🌌"]}


@pytest.mark.parametrize(
    "data",
    [
        b"[" + b"[]," * 4_600_000 + b"[]]",
        b'"' * 14_000_000,
        b'"' + b'\\"' * 7_000_000,  # a text without an end
        b"[" + b"1," * 7_000_000 + b"1]",
        b" " * 14_000_000,
    ],
)
def test_fourteen_megabytes_of_nothing_are_refused_in_a_moment(data):
    started = time.process_time()
    with pytest.raises(RefusedError):
        checked_json(data)
    assert time.process_time() - started < 2  # of seconds; a tenth on a quiet machine
