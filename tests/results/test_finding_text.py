"""Findings as people read them."""

from results.finding_text import describe

READ = {
    "operation": "read",
    "key": "key-7",
    "value": 12,
    "worker": 1,
    "began_s": 2.5,
    "ended_s": 2.5004,
}


def test_a_finding_is_its_sentence_and_its_operations() -> None:
    """The operations stand below it in their order, each with its times and its worker."""
    write = {**READ, "operation": "write", "value": 13, "worker": 0, "ended_s": None}
    finding = {
        "kind": "overdue_reads",
        "phase": "load",
        "count": 1234,
        "text": "read an old one",
        "example": [write, READ],
    }
    assert describe(finding) == [
        "overdue reads in load: read an old one (1,234 times; this is the first)",
        "2.500000 s, never answered: worker 1 wrote revision 13 of key-7",
        "2.500000 to 2.500400 s: worker 2 read revision 12 of key-7",
    ]


def test_what_has_no_key_or_no_value_is_told_without() -> None:
    """A clear is of all keys, a delete has no value; what is no revision is shown as it is."""
    example = [
        {**READ, "operation": "clear", "key": None, "value": None},
        {**READ, "operation": "delete", "value": None},
        {**READ, "value": None},
        {**READ, "value": "'foreign'"},
    ]
    finding = {"kind": "wrong_values", "phase": None, "count": 1, "text": "odd", "example": example}
    assert describe(finding) == [
        "wrong values: odd",
        "2.500000 to 2.500400 s: worker 2 cleared everything",
        "2.500000 to 2.500400 s: worker 2 deleted key-7",
        "2.500000 to 2.500400 s: worker 2 read nothing of key-7",
        "2.500000 to 2.500400 s: worker 2 read 'foreign' of key-7",
    ]
