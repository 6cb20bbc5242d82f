"""Invitations know the email with their newest link; until now its key named the invitation."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat


def find_emails(apps, schema_editor):
    alias = schema_editor.connection.alias
    messages = apps.get_model("notifications", "Message").objects.using(alias)
    invitations = apps.get_model("partners", "Invitation").objects.using(alias)
    number, sendings = (Cast(OuterRef(name), CharField()) for name in ("pk", "sendings"))
    key = Concat(Value("member_invited:"), number, Value(":"), sendings)
    invitations.update(message_id=Subquery(messages.filter(key=key).values("pk")[:1]))


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0009_answers_of_mail_servers'),
        ('partners', '0011_keys_of_partners'),
    ]

    operations = [
        migrations.AddField(
            model_name='invitation',
            name='message',
            field=models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='notifications.message'),
        ),
        migrations.RunPython(find_emails, migrations.RunPython.noop),
    ]
