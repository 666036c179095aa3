"""The only part that knows SQL: SQLite embedded, PostgreSQL in production, the same tables on both."""
