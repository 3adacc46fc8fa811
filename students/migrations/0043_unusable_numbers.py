"""Whose number on a list can't be used is asked about by name; why it can't be is kept, it is not."""

from django.db import migrations, models


def why() -> models.Field:  # type: ignore[type-arg]
    return models.CharField("号码的问题", blank=True, max_length=64, default="")


class Migration(migrations.Migration):
    dependencies = [("students", "0042_transfer_steps")]

    operations = [
        migrations.AddField("departmentlistrow", "unusable", why(), preserve_default=False),
        migrations.AddField("matchcandidate", "unusable", why(), preserve_default=False),
    ]
