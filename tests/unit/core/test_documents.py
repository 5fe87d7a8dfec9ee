"""Hand-written YAML of untrusted origin."""

import pytest

from ionstone.core.documents import MAX_BYTES, MAX_DEPTH, parse_yaml, read_yaml
from ionstone.core.errors import InputError


def test_numbers_such_as_1e_minus_3_are_numbers():
    assert parse_yaml("a: 1e-3\nb: [2.5E4, 1_000]\nc: 85 um") == {"a": 1e-3, "b": [2.5e4, 1000], "c": "85 um"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: 1\na: 2", "line 2 repeats the key 'a'"),
        ("a: {b: 1, b: 2}", "repeats the key 'b'"),
        ("a: &x [1]\nb: *x", "alias"),
        ("<<: {a: 1}", "merge"),
        ("a: [1, 2", "not valid YAML"),
        ("a: !!python/object/apply:os.system ['true']", "not valid YAML"),
        ("- 1\n- 2", "not a mapping"),
        ("", "not a mapping"),
        ("? [1, 2]\n: 3", "not a word"),
        ("a: " + "[" * (MAX_DEPTH + 5) + "]" * (MAX_DEPTH + 5), "nested deeper"),
        ("a: " + "x" * MAX_BYTES, "larger than"),
        ("a: [" + "1," * 200_000 + "]", "entries"),
    ],
)
def test_a_bad_document_is_refused_in_one_line(text, says):
    with pytest.raises(InputError, match=says) as caught:
        parse_yaml(text, "my.yaml")
    assert str(caught.value).startswith("my.yaml")
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_read_are_refused(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_yaml(tmp_path / "absent.yaml")
    with pytest.raises(InputError, match="not a regular file"):
        read_yaml(tmp_path)
    (tmp_path / "big.yaml").write_bytes(b"a: " + b"x" * (MAX_BYTES + 1))
    with pytest.raises(InputError, match="larger than"):
        read_yaml(tmp_path / "big.yaml")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(InputError, match="UTF-8"):
        read_yaml(tmp_path / "binary.yaml")
    with pytest.raises(InputError):
        read_yaml("bad\x00name.yaml")
