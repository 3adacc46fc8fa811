"""Students are found by indexes that hold behind row-level security and in every collation."""

from django.db import migrations, models
from django.db.models import F, Q, Value
from django.db.models.functions import Replace

# Generated columns can't follow a change of the column that they come from, so name_key is first.
COLLATED = (("name_key", 64), ("pinyin", 128), ("initials", 32))


class Migration(migrations.Migration):
    dependencies = [("schools", "0002_walls"), ("students", "0003_list_withdrawn")]

    operations = [
        migrations.RemoveIndex(model_name="student", name="student_name"),
        migrations.RemoveIndex(model_name="student", name="student_initials"),
        *(
            migrations.AlterField(
                model_name="student",
                name=name,
                field=models.CharField(db_collation="C", max_length=length),
            )
            for name, length in COLLATED
        ),
        migrations.AlterField(
            model_name="student",
            name="student_no",
            field=models.CharField(
                blank=True, db_collation="C", max_length=24, verbose_name="学号"
            ),
        ),
        migrations.AddField(
            model_name="student",
            name="name_plain",
            field=models.GeneratedField(
                db_persist=True,
                expression=Replace(F("name_key"), Value("·"), Value("")),
                output_field=models.CharField(db_collation="C", max_length=64),
            ),
        ),
        migrations.AddIndex(
            model_name="student",
            index=models.Index(
                condition=~Q(status="left"),
                fields=["school", "pinyin", "id"],
                name="student_here",
            ),
        ),
        migrations.AddIndex(
            model_name="student",
            index=models.Index(
                condition=Q(status="suspended"), fields=["school", "id"], name="student_suspended"
            ),
        ),
        migrations.AddIndex(
            model_name="student",
            index=models.Index(fields=["school", "name_plain", "id"], name="student_name"),
        ),
        migrations.AddIndex(
            model_name="student",
            index=models.Index(fields=["school", "initials", "id"], name="student_initials"),
        ),
        migrations.AddIndex(
            model_name="student",
            index=models.Index(fields=["school", "student_no", "id"], name="student_number"),
        ),
    ]
