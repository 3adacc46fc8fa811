"""Two indexes go that others cover: writing a list and its tags is the longest part of matching."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('students', '0027_roster_parts'),
    ]

    operations = [
        migrations.AlterField(
            model_name='departmentlistrow',
            name='list',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='rows', to='students.departmentlist'),
        ),
        migrations.AlterField(
            model_name='specialgrouptag',
            name='group',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='students.specialgroup'),
        ),
    ]
