#!/bin/sh
# The roles of a new database server, as aidadmin/launch/roles.py makes them for the embedded one.
# Run once by the image on an empty data folder; needs AID_OWNER_PASSWORD and AID_APP_PASSWORD.
# On a server of your own: PGUSER=postgres sh 10-roles.sh
# It may be sourced by the image's entry script, so it leaves that shell's options alone.

: "${AID_OWNER_PASSWORD:?}" "${AID_APP_PASSWORD:?}"

# psql reads the passwords from the environment: arguments show in the list of processes.
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 \
    --username "${POSTGRES_USER:-${PGUSER:-postgres}}" --dbname postgres <<'SQL' || exit 1
\getenv owner_password AID_OWNER_PASSWORD
\getenv app_password AID_APP_PASSWORD
SET log_statement = 'none';
CREATE ROLE aidadmin_owner WITH LOGIN CREATEDB NOSUPERUSER NOCREATEROLE NOBYPASSRLS
    PASSWORD :'owner_password';
CREATE ROLE aidadmin_app WITH LOGIN NOCREATEDB NOSUPERUSER NOCREATEROLE NOBYPASSRLS
    PASSWORD :'app_password';
CREATE DATABASE aidadmin OWNER aidadmin_owner ENCODING 'UTF8';
\connect aidadmin
DO $$ BEGIN EXECUTE 'REVOKE ALL ON DATABASE ' || quote_ident(current_database()) || ' FROM PUBLIC'; END $$;
DO $$ BEGIN EXECUTE 'GRANT CONNECT ON DATABASE ' || quote_ident(current_database()) || ' TO aidadmin_app'; END $$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO aidadmin_app;
ALTER DEFAULT PRIVILEGES FOR ROLE aidadmin_owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO aidadmin_app;
ALTER DEFAULT PRIVILEGES FOR ROLE aidadmin_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO aidadmin_app;
ALTER DEFAULT PRIVILEGES FOR ROLE aidadmin_owner IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO aidadmin_app;
SQL
