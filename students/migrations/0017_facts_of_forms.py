"""籍贯, 政治面貌, 户口所在地, 邮政编码 and 脱贫年份, which the printed forms ask for."""

import privacy.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("students", "0016_permanent_residence"),
    ]

    operations = [
        migrations.AddField(
            model_name="student",
            name="household_address",
            field=privacy.fields.SealedField(
                blank=True, mask="address", null=True, verbose_name="户口所在地"
            ),
        ),
        migrations.AddField(
            model_name="student",
            name="lifted_year",
            field=models.PositiveSmallIntegerField(null=True, verbose_name="脱贫年份"),
        ),
        migrations.AddField(
            model_name="student",
            name="native_place",
            field=models.CharField(blank=True, max_length=48, verbose_name="籍贯"),
        ),
        migrations.AddField(
            model_name="student",
            name="political_status",
            field=models.CharField(blank=True, max_length=16, verbose_name="政治面貌"),
        ),
        migrations.AddField(
            model_name="student",
            name="postcode",
            field=models.CharField(blank=True, max_length=6, verbose_name="邮政编码"),
        ),
    ]
