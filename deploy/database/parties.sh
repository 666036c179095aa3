#!/bin/sh
# One user and one database for each party whose password lies in the folder, and nobody else may connect to it.
# PostgreSQL's image runs it when the database is made; it may be run again after a party was added.
(
    set -eu
    for file in "${PASSWORDS:-/run/passwords}"/*.password; do
        name="$(basename "$file" .password)"
        if [ "$name" = postgres ]; then
            continue
        fi
        # The password goes neither through a command line nor, if a statement fails, into the log.
        PASSWORD_FILE="$file" psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --set name="$name" \
            --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\set password `cat "$PASSWORD_FILE"`
SET log_min_error_statement = panic;
SELECT format('CREATE ROLE %I LOGIN', :'name')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
ALTER ROLE :"name" PASSWORD :'password';
SELECT format('CREATE DATABASE %I OWNER %I', :'name', :'name')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
    done
)
