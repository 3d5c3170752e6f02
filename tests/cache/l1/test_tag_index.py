"""The tag index: both directions agree, and nothing is left of what was removed."""

import random

from cache.l1.tag_index import TagIndex


def test_agrees_with_a_plain_model() -> None:
    """Through puts, changes and removals of keys with any tags, doubled ones too."""
    randomness = random.Random(5)
    index, model = TagIndex(), {}
    for _ in range(5_000):
        key = f"k{randomness.randrange(20)}"
        if randomness.random() < 0.3:
            index.remove(key)
            model.pop(key, None)
        else:
            tags = tuple(randomness.choices("abcde", k=randomness.randrange(4)))
            index.put(key, tags)
            model[key] = tags
        asked = randomness.choices("abcdef", k=2)
        assert index.keys(asked) == {key for key, tags in model.items() if {*tags} & {*asked}}


def test_empty_tags_leave_nothing_behind() -> None:
    """A tag without keys is forgotten, and so is a key without tags."""
    index = TagIndex()
    index.put("a", ("t",))
    index.put("a", ())
    assert (index.by_key, index._keys) == ({}, {})
    index.put("a", ("t",))
    index.clear()
    assert (index.by_key, index._keys) == ({}, {})
