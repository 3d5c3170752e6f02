"""L3's index of tags, and the keys that are being loaded under one."""

import pytest

from cache.codec import encode
from cache.l3.sql import SqlTier
from cache.tier import DELETE, Write
from tests.cache.l3.databases import age, opened, sql


def _set(*tags: str) -> Write:
    return Write(encode(1), 600, tags=tags)


async def test_keys_are_found_by_any_of_their_tags(tier: SqlTier) -> None:
    """Many keys under a tag, many tags on a key, each key once."""
    await tier.write({"a": _set("red", "big"), "b": _set("red", "red"), "c": _set("blue")})
    assert await tier.tagged(["red"]) == {"a", "b"}
    assert await tier.tagged(["big", "red", "unknown"]) == {"a", "b"}
    assert await tier.tagged(["unknown"]) == set()
    assert await tier.tagged([]) == set()


@pytest.mark.parametrize(
    "text", ["ключ 🔑", "x" * 5000, "nul\0byte", "sha256:" + "0" * 64, "'%s:x"]
)
async def test_any_text_is_a_tag_and_a_tagged_key(tier: SqlTier, text: str) -> None:
    """Long and odd tags and keys come back as they are, also where they are only expected."""
    await tier.write({text: _set(text)})
    await tier.expect({f"{text}!": [text]})
    assert await tier.tagged([text]) == {text, f"{text}!"}
    assert (await tier.read([text])).entries[text].tags == (text,)


async def test_a_write_replaces_the_tags(tier: SqlTier) -> None:
    """A key is found by the tags of its newest value alone, and by none once it is deleted."""
    await tier.write({"a": _set("red", "big"), "b": _set("red")})
    await tier.write({"a": _set("big", "blue"), "b": _set()})
    assert [await tier.tagged([tag]) for tag in ("red", "big", "blue")] == [set(), {"a"}, {"a"}]
    await tier.write({"a": DELETE})
    assert await tier.tagged(["big", "blue"]) == set()


async def test_a_fill_that_is_taken_brings_its_tags(tier: SqlTier) -> None:
    """A loaded value is found by its tags as a written one is."""
    versions = await tier.write({"a": _set("old")})
    fill = Write(encode(2), tags=("new",), seen=versions["a"])
    await tier.write({"a": fill})
    assert (await tier.tagged(["old"]), await tier.tagged(["new"])) == (set(), {"a"})


async def test_a_key_is_found_while_it_is_loaded(tier: SqlTier) -> None:
    """A load says under which tags its value will be; so does a second one."""
    await tier.expect({"a": ["red", "red", "big"], "b": ["red"], "c": []})
    await tier.expect({"a": ["red"]})
    assert await tier.tagged(["red"]) == {"a", "b"}
    assert await tier.tagged(["big"]) == {"a"}


async def test_an_invalidation_during_a_load_keeps_its_value_out(tier: SqlTier, url: str) -> None:
    """A key that was never stored is found, deleted, and its fill is refused."""
    async with opened(url) as other:
        found = await tier.read(["a"])
        await tier.expect({"a": ["red"]})
        keys = await other.tagged(["red"])
        await other.write(dict.fromkeys(keys, DELETE))
        fill = Write(encode("old"), tags=("red",), seen=0, floor=found.floor)
        assert await tier.write({"a": fill}) == {}


async def test_a_write_of_others_leaves_a_load_expected(tier: SqlTier) -> None:
    """A load that began after a write must be found, though that write had no tags."""
    await tier.expect({"a": ["red"]})
    await tier.write({"a": _set()})
    assert await tier.tagged(["red"]) == {"a"}


async def test_an_expectation_ends(tier: SqlTier, url: str) -> None:
    """What was to be loaded long ago is neither found nor kept; what is loaded anew is."""
    await tier.expect({"a": ["red"], "b": ["red"]})
    age(url, 3600, table="cache_expected")
    assert await tier.tagged(["red"]) == set()
    await tier.expect({"a": ["red"]})
    await tier.purge()
    assert await tier.tagged(["red"]) == {"a"}
    assert sql(url, "SELECT key FROM cache_expected") == [("a",)]


async def test_a_clear_forgets_tags(tier: SqlTier, url: str) -> None:
    """Neither stored keys nor loads that began before a clear are found after it."""
    await tier.write({f"k{number}": _set("red") for number in range(1200)})
    await tier.expect({f"l{number}": ["red"] for number in range(1200)})
    await tier.clear()
    assert await tier.tagged(["red"]) == set()
    assert sql(url, "SELECT count(*) FROM cache_tags") == [(0,)]
    await tier.expect({"a": ["red"]})
    assert await tier.tagged(["red"]) == {"a"}


async def test_a_purge_forgets_the_tags_of_what_it_deletes(tier: SqlTier, url: str) -> None:
    """The index shrinks with the entries, in every namespace, and no further."""
    async with opened(url, "other") as other:
        await tier.write({"a": _set("red")})
        await other.write({"a": _set("red"), "b": _set("red")})
        sql(url, "UPDATE cache_entries SET expires_at = 1 WHERE key = 'a'")
        assert await tier.purge() == 2
    assert sql(url, "SELECT namespace, key FROM cache_tags") == [("other", "b")]
