
import review.models.ballots
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('review', '0029_paper_allowed'),
    ]

    operations = [
        migrations.AlterField(
            model_name='ballotdevice',
            name='id',
            field=models.BigIntegerField(default=review.models.ballots.without_order, editable=False, primary_key=True, serialize=False),
        ),
    ]
