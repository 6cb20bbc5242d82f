"""Steps that migrations of every app share."""

from django.db import migrations, router


class RunPlainly(migrations.RunPython):
    """Like RunPython, for code that uses no old models: making those takes longer than most migrations.

    The code is called with None instead of ``apps``.
    """

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        self._run(self.code, app_label, schema_editor)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if self.reverse_code is None:
            raise NotImplementedError("You cannot reverse this operation")
        self._run(self.reverse_code, app_label, schema_editor)

    def _run(self, code, app_label, schema_editor):
        if router.allow_migrate(schema_editor.connection.alias, app_label, **self.hints):
            code(None, schema_editor)
