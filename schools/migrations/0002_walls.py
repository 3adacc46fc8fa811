"""The scope's functions, and the walls of the audit tables (audit lies below and can't know schools)."""

from django.db import migrations

from schools.walls import ORGANISATION_RULE, SCOPE_FUNCTION, append_only

AUDIT_WALLS = "".join(
    f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {table} USING ({ORGANISATION_RULE}) WITH CHECK ({ORGANISATION_RULE});
"""
    for table in ("audit_event", "audit_chain")
)


class Migration(migrations.Migration):
    dependencies = [("schools", "0001_initial"), ("audit", "0001_initial")]

    operations = [
        migrations.RunSQL(SCOPE_FUNCTION),
        migrations.RunSQL(AUDIT_WALLS),
        migrations.RunSQL(append_only("audit_event")),
    ]
