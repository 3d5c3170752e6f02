"""L2: Redis or Valkey, one server, a Sentinel's master or a cluster."""
