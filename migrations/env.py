"""Runs migrations within the application, with time-outs so that a migration never blocks the product for long."""

from alembic import context
from flask import current_app
from sqlalchemy import text

extension = current_app.extensions["migrate"]
engine = extension.db.engine

with engine.connect() as connection:
    connection.execute(text("SET lock_timeout = '5s'"))
    connection.execute(text("SET statement_timeout = '10min'"))
    connection.commit()
    context.configure(connection=connection, target_metadata=extension.db.metadata, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()
