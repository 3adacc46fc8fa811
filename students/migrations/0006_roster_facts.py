"""More that a roster tells of a student; headings that a school explained; long files read as jobs."""

import django.db.models.deletion
import privacy.fields
from django.db import migrations, models

from schools.walls import Wall


class Migration(migrations.Migration):
    dependencies = [
        ("office", "0002_walls"),
        ("schools", "0002_walls"),
        ("students", "0005_saved_filter"),
    ]

    operations = [
        migrations.AddField(
            model_name="rosterimport",
            name="job",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="office.job",
            ),
        ),
        migrations.AddField(
            model_name="student",
            name="campus",
            field=models.CharField(blank=True, max_length=48, verbose_name="校区（教学点）"),
        ),
        migrations.AddField(
            model_name="student",
            name="disability",
            field=privacy.fields.SealedField(
                blank=True, mask="text", null=True, verbose_name="残疾类型"
            ),
        ),
        migrations.AddField(
            model_name="student",
            name="id_kind",
            field=models.CharField(
                choices=[
                    ("resident", "居民身份证"),
                    ("residence", "港澳台居民居住证"),
                    ("permit", "港澳台居民通行证"),
                    ("passport", "护照"),
                    ("none", "无证件"),
                ],
                default="resident",
                max_length=12,
                verbose_name="证件类型",
            ),
        ),
        migrations.AddField(
            model_name="student",
            name="left_behind",
            field=models.BooleanField(null=True, verbose_name="留守儿童"),
        ),
        migrations.AddField(
            model_name="student",
            name="migrant",
            field=models.BooleanField(null=True, verbose_name="随迁子女"),
        ),
        migrations.AlterField(
            model_name="rosterimport",
            name="status",
            field=models.CharField(
                choices=[
                    ("reading", "正在读取"),
                    ("staged", "待确认"),
                    ("applied", "已导入"),
                    ("discarded", "已放弃"),
                ],
                default="staged",
                max_length=12,
            ),
        ),
        migrations.CreateModel(
            name="RosterHeading",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("heading", models.CharField(max_length=64, verbose_name="表头")),
                ("column", models.CharField(blank=True, max_length=32, verbose_name="导入为")),
                ("remembered_at", models.DateTimeField()),
                (
                    "remembered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.person",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.school",
                        verbose_name="学校",
                    ),
                ),
            ],
            options={
                "ordering": ["heading"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("school", "heading"), name="roster_heading_once"
                    )
                ],
            },
        ),
        Wall("RosterHeading"),
    ]
