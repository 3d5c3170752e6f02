"""A dict whose keys come and go stays small, and stays the same dict."""

import sys

from cache.l1.compaction import Compactor

SIZE = 10_000


def test_a_dict_that_grew_is_rebuilt_in_place() -> None:
    """All keys are there, in order, for those who hold the dict or its methods too."""
    table = {f"k{number}": number for number in range(SIZE)}
    find = table.get
    for number in range(SIZE, 4 * SIZE):
        del table[f"k{number - SIZE}"]
        table[f"k{number}"] = number
    loose_bytes = sys.getsizeof(table)
    Compactor(table).run()
    assert sys.getsizeof(table) <= 0.6 * loose_bytes
    assert list(table) == [f"k{number}" for number in range(3 * SIZE, 4 * SIZE)]
    assert find(f"k{4 * SIZE - 1}") == 4 * SIZE - 1


def test_a_compact_dict_is_left_alone() -> None:
    """Rebuilding takes time, so it is done only after growth."""

    class Watched(dict[str, int]):
        copies = 0

        def copy(self) -> dict[str, int]:
            self.copies += 1
            return dict(self)

    table = Watched({f"k{number}": number for number in range(SIZE)})
    compactor = Compactor(table)
    compactor.run()
    compactor.run()
    assert table.copies == 1
