"""How records get into the results database and out of it; `results.store.Store` is its face."""
