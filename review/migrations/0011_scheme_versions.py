"""A school may score by a version of its own, enacted by a second person."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0010_panel_walls"),
        ("schools", "0002_walls"),
    ]

    operations = [
        migrations.AddField(
            model_name="scoringscheme",
            name="base",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="review.scoringscheme",
            ),
        ),
        migrations.AddField(
            model_name="scoringscheme",
            name="drafted_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="scoringscheme",
            name="drafted_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="schools.person",
            ),
        ),
        migrations.AddField(
            model_name="scoringscheme",
            name="enact_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="scoringscheme",
            name="enact_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="schools.person",
            ),
        ),
        migrations.AddField(
            model_name="scoringscheme",
            name="owner",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="schools.organisation",
            ),
        ),
        migrations.AddField(
            model_name="scoringscheme",
            name="status",
            field=models.CharField(
                choices=[("draft", "草稿"), ("enacted", "已启用"), ("discarded", "已作废")],
                default="enacted",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="scoringscheme",
            name="valid_from",
            field=models.DateField(null=True, verbose_name="启用日期"),
        ),
        migrations.AddConstraint(
            model_name="scoringscheme",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "draft")), fields=("owner",), name="scheme_draft_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="scoringscheme",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("owner", None),
                    models.Q(("status", "enacted"), _negated=True),
                    models.Q(
                        ("enact_at__isnull", False),
                        ("enact_by__isnull", False),
                        ("valid_from__isnull", False),
                        models.Q(("enact_by", models.F("drafted_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="scheme_second_person",
            ),
        ),
    ]
