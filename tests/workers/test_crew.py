"""The crew's claims: asked about when there is something to ask, and no oftener."""

from pathlib import Path

from results.store import Store
from workers.crew import Crew


def test_a_database_that_is_not_needed_is_not_asked(tmp_path: Path) -> None:
    """Between two renewals nothing can be said about it, neither that it is away nor back."""
    with Store.open(f"sqlite:///{tmp_path / 'results.db'}") as store:
        crew = Crew(store, 1, None)
        assert crew.has_claims_to_look_after
        crew.look_after_claims()
        assert not crew.has_claims_to_look_after
