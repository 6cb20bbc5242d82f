"""Notices know the email that carries them; until now its key named the notice."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat


def find_emails(apps, schema_editor):
    alias = schema_editor.connection.alias
    messages = apps.get_model("notifications", "Message").objects.using(alias)
    notices = apps.get_model("associations", "CustomerNotice").objects.using(alias)
    key = Concat(Value("customer-notice:"), Cast(OuterRef("pk"), CharField()))
    notices.update(message_id=Subquery(messages.filter(key=key).values("pk")[:1]))


class Migration(migrations.Migration):

    dependencies = [
        ('associations', '0018_unconfirmed_contacts'),
        ('notifications', '0009_answers_of_mail_servers'),
    ]

    operations = [
        migrations.AddField(
            model_name='customernotice',
            name='message',
            field=models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='notifications.message'),
        ),
        migrations.RunPython(find_emails, migrations.RunPython.noop),
    ]
