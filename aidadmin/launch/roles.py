"""The two roles of a database: one owns the tables, one works in them and can't get around them."""

from typing import Any

from psycopg2 import sql  # type: ignore[import-untyped,unused-ignore]

OWNER = "aidadmin_owner"
APP = "aidadmin_app"
DATABASE = "aidadmin"


def grant_statements() -> list[str]:
    """What to run, as owner or superuser, in a database just created for the application.

    Test databases need the same, right after CREATE DATABASE and before the first migration:
    default privileges belong to one database and reach only tables made later.
    """
    later = f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public"
    return [
        "DO $$ BEGIN EXECUTE 'REVOKE ALL ON DATABASE ' || quote_ident(current_database())"
        " || ' FROM PUBLIC'; END $$",
        "DO $$ BEGIN EXECUTE 'GRANT CONNECT ON DATABASE '"
        f" || quote_ident(current_database()) || ' TO {APP}'; END $$",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {APP}",
        f"{later} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP}",
        f"{later} GRANT USAGE, SELECT ON SEQUENCES TO {APP}",
        f"{later} GRANT EXECUTE ON FUNCTIONS TO {APP}",
    ]


def ensure_roles(cursor: Any, *, owner_password: str, app_password: str) -> None:
    """Create both roles, or bring them back to the rights and passwords they must have."""
    wanted = (
        (OWNER, owner_password, "LOGIN CREATEDB NOSUPERUSER NOCREATEROLE NOBYPASSRLS"),
        (APP, app_password, "LOGIN NOCREATEDB NOSUPERUSER NOCREATEROLE NOBYPASSRLS"),
    )
    for name, password, rights in wanted:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
        verb = "ALTER" if cursor.fetchone() else "CREATE"
        cursor.execute(
            sql.SQL("{} ROLE {} WITH {} PASSWORD {}").format(
                sql.SQL(verb), sql.Identifier(name), sql.SQL(rights), sql.Literal(password)
            )
        )


def ensure_database(cursor: Any) -> None:
    """Create the application's database when it is missing; the connection is in autocommit."""
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
    if not cursor.fetchone():
        cursor.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8'").format(
                sql.Identifier(DATABASE), sql.Identifier(OWNER)
            )
        )
