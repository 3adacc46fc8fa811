"""Migration operations that wall a tenant's table (docs/architecture.md, three walls).

`Wall` puts row-level security, UNIQUE (school_id, id) and the composite foreign keys on one table.
"""

from typing import Any

from django.db.migrations.operations.base import Operation
from django.db.models import ForeignKey

SCOPE_FUNCTION = """
CREATE OR REPLACE FUNCTION aid_schools() RETURNS bigint[]
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(array_agg(school_id), '{}')
  FROM schools_reach
  WHERE organisation_id = nullif(current_setting('aid.scope', true), '')::bigint
$$;
CREATE OR REPLACE FUNCTION aid_scope() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT nullif(current_setting('aid.scope', true), '')::bigint
$$;
"""

# The sub-select makes the planner call the function once per statement, not once per row.
SCHOOL_RULE = "school_id = ANY ((SELECT aid_schools())::bigint[])"
OWN_SCHOOL_RULE = "school_id = (SELECT aid_scope())"
ORGANISATION_RULE = (
    "organisation_id = (SELECT aid_scope())"
    " OR organisation_id = ANY ((SELECT aid_schools())::bigint[])"
)


class Wall(Operation):
    """Wall one table; `column` is school_id, or organisation_id for what bureaus own too.

    A bureau reads the rows of every school that it reaches; it writes them only where
    `bureaus_write` says so, because a duty of its own ends there (tags of its lists, say).
    """

    reversible = True

    def __init__(
        self, model_name: str, column: str = "school_id", *, bureaus_write: bool = False
    ) -> None:
        self.model_name = model_name
        self.column = column
        self.bureaus_write = bureaus_write or column != "school_id"

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The models' state does not change."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Enable and force row-level security; add the composite keys."""
        model = to_state.apps.get_model(app_label, self.model_name)
        table = model._meta.db_table
        reach = SCHOOL_RULE if self.column == "school_id" else ORGANISATION_RULE
        own = reach if self.bureaus_write else OWN_SCHOOL_RULE
        schema_editor.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
        schema_editor.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
        schema_editor.execute(f'CREATE POLICY tenant ON "{table}" USING ({own}) WITH CHECK ({own})')
        # Permissive policies add up: this one widens reading alone.
        schema_editor.execute(f'CREATE POLICY reach ON "{table}" FOR SELECT USING ({reach})')
        if self.column == "school_id":
            self._composite_keys(model, table, schema_editor)

    def _composite_keys(self, model: Any, table: str, schema_editor: Any) -> None:
        schema_editor.execute(
            f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_tenant_key" UNIQUE (school_id, id)'
        )
        for field in model._meta.local_fields:
            if not isinstance(field, ForeignKey) or not _is_tenant(field.related_model):
                continue
            target = field.related_model._meta.db_table
            schema_editor.execute(
                f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_{field.name}_wall"'
                f' FOREIGN KEY (school_id, "{field.column}") REFERENCES "{target}" (school_id, id)'
                " DEFERRABLE INITIALLY IMMEDIATE"
            )

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Take the wall down again."""
        model = from_state.apps.get_model(app_label, self.model_name)
        table = model._meta.db_table
        schema_editor.execute(f'DROP POLICY tenant ON "{table}"')
        schema_editor.execute(f'DROP POLICY reach ON "{table}"')
        schema_editor.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')
        schema_editor.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')

    def describe(self) -> str:
        """Shown by `migrate --plan`."""
        return f"Wall {self.model_name}"


def _is_tenant(model: Any) -> bool:
    return any(f.name == "school" for f in model._meta.local_fields)


def append_only(table: str) -> str:
    """SQL of triggers that refuse UPDATE, DELETE and TRUNCATE on a table."""
    return f"""
CREATE OR REPLACE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'restrict_violation'; END $$;
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
  FOR EACH ROW EXECUTE FUNCTION {table}_append_only();
CREATE TRIGGER {table}_never_emptied BEFORE TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only();
"""
