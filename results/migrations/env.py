"""What Alembic runs: migrations on the connection, and in the transaction, of its caller."""

from alembic import context

from results.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
context.run_migrations()
