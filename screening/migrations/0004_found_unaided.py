from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("screening", "0003_sent_back")]

    operations = [
        migrations.AddIndex(
            model_name="screeningrow",
            index=models.Index(
                condition=models.Q(("result", "unaided")),
                fields=["school", "screening"],
                name="row_unaided",
            ),
        ),
    ]
