"""Who sent a screening back, when and why, shown until it is signed again."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('schools', '0002_walls'),
        ('screening', '0002_walls'),
    ]

    operations = [
        migrations.AddField(
            model_name='screening',
            name='send_back_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='screening',
            name='send_back_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schools.person'),
        ),
        migrations.AddField(
            model_name='screening',
            name='send_back_reason',
            field=models.CharField(blank=True, max_length=200, verbose_name='退回原因'),
        ),
    ]
