"""The rows of a long roster as they were read for its preview, sealed, until they are written."""

import django.db.models.deletion
import privacy.fields
import schools.tenancy
from django.db import migrations, models

from schools.walls import Wall


class Migration(migrations.Migration):

    dependencies = [
        ('schools', '0003_term_entered_late'),
        ('students', '0026_tags_of_no_day'),
    ]

    operations = [
        migrations.CreateModel(
            name='RosterPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('rows', privacy.fields.SealedField(blank=True, mask='text', null=True)),
                ('kept_on', models.DateField()),
                ('school', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.school', verbose_name='学校')),
                ('staged', schools.tenancy.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='students.rosterimport')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('school', 'staged', 'number'), name='roster_part_once')],
            },
        ),
        Wall("RosterPart"),
    ]
