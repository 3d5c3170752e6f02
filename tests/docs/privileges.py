"""Users of services as the page on security makes them, on the tests' own servers."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from redis import Redis

from tests.docs.examples import ROOT, blocks
from tests.support.servers import EmbeddedRedis

PAGE = ROOT / "docs" / "reference" / "security.md"
PASSWORD = "geheim/7@#?:"
ENCODED = "geheim%2F7%40%23%3F%3A"


def rule(title: str) -> str:
    """The block of the page that says what a service's user must be allowed."""
    (block,) = [block for block in blocks(PAGE) if (block.language, block.title) == ("text", title)]
    return block.text


@contextmanager
def allowed(server: EmbeddedRedis, title: str) -> Iterator[str]:
    """The server's URL for a user made by the page's rule; whatever was denied to it is told."""
    with closing(Redis.from_url(server.url, decode_responses=True)) as client:
        # The password is none of its words, since it would be split at blanks.
        words = [f">{PASSWORD}" if word == ">PASSWORD" else word for word in rule(title).split()]
        client.execute_command(*words)
        yield server.url.replace("redis://", f"redis://bench:{ENCODED}@")
        denied = {each["object"] for each in client.acl_log() if each["reason"] != "auth"}
        assert denied <= {"config|get", "flushall", "other"}
