"""Fields of admin's forms that choose another row by its number, and are shown again with what was sent."""

import re

from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect

#: What a number of a row looks like: ``bigint``, in digits of ASCII.
ROW_NUMBER = re.compile(r"[0-9]{1,18}")


class CarefulAutocomplete(AutocompleteSelect):
    """Looks up the row to name it only where there can be one; Django fails over any other value."""

    def optgroups(self, name, value, attr=None):
        numbers = [each for each in value if ROW_NUMBER.fullmatch(str(each))]
        return super().optgroups(name, numbers, attr)


class CarefulChoices(admin.options.BaseModelAdmin):
    """A base for admin pages and inlines with ``autocomplete_fields``."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = CarefulAutocomplete(
                db_field, self.admin_site, using=kwargs.get("using")
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
