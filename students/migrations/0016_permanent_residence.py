"""The permanent residence card of a foreigner is a document of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("students", "0015_guardian_name_key"),
    ]

    operations = [
        migrations.AlterField(
            model_name="guardian",
            name="id_kind",
            field=models.CharField(
                blank=True,
                choices=[
                    ("resident", "居民身份证"),
                    ("residence", "港澳台居民居住证"),
                    ("permit", "港澳台居民通行证"),
                    ("passport", "护照"),
                    ("permanent", "外国人永久居留证"),
                    ("none", "无证件"),
                ],
                max_length=12,
                verbose_name="证件类型",
            ),
        ),
        migrations.AlterField(
            model_name="student",
            name="id_kind",
            field=models.CharField(
                choices=[
                    ("resident", "居民身份证"),
                    ("residence", "港澳台居民居住证"),
                    ("permit", "港澳台居民通行证"),
                    ("passport", "护照"),
                    ("permanent", "外国人永久居留证"),
                    ("none", "无证件"),
                ],
                default="resident",
                max_length=12,
                verbose_name="证件类型",
            ),
        ),
    ]
