"""Batches of writes in the form of L3's statements."""

from cache.l3.rows import parts, write_parameters
from cache.tier import DELETE, Write

MIB = 1024 * 1024


def test_writes_are_ordered_by_their_rows() -> None:
    """Whatever order a batch has, its rows are locked in that of their bytes."""
    [lines] = parts(dict.fromkeys(["b", "a", "ü", "Z", "a" * 999], DELETE))
    rows = [line.row for line in lines]
    assert rows == sorted(rows, key=str.encode)
    assert {line.key for line in lines} == {"b", "a", "ü", "Z", "a" * 999}


def test_a_batch_is_divided_by_rows_and_by_bytes() -> None:
    """A statement has a bounded number of rows and of bytes, though at least one row."""
    many = parts({f"k{number:04}": DELETE for number in range(2500)})
    assert [len(lines) for lines in many] == [1000, 1000, 500]
    sizes = {"a": 1, "b": 20 * MIB, "c": 20 * MIB, "d": 1, "e": 10 * MIB, "f": 6 * MIB}
    large = parts({key: Write(b"x" * size) for key, size in sizes.items()})
    assert ["".join(line.row for line in lines) for lines in large] == ["a", "b", "c", "de", "f"]


def test_payloads_travel_as_one_string_of_bytes() -> None:
    """Each row says where its payload begins and how long it is; a delete has none."""
    [lines] = parts({"a": Write(b"12"), "b": DELETE, "c": Write(b""), "d": Write(b"345", 60)})
    parameters = write_parameters(lines)
    assert parameters["payloads"] == b"12345"
    assert parameters["batch"].startswith('[["a",1,2,null,')
    assert '["b",3,null,0.0,' in parameters["batch"]
    assert '["c",3,0,' in parameters["batch"]
    assert '["d",3,3,60,' in parameters["batch"]
