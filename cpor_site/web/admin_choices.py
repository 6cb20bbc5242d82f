"""Fields in admin's forms: those that choose a row by its number, and names for those without a label."""

import re

from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime, AutocompleteSelect
from django.forms import BoundField, MultiWidget
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext_lazy as _

#: What a row's number looks like: ``bigint``, in ASCII digits.
ROW_NUMBER = re.compile(r"[0-9]{1,18}")


class CarefulAutocomplete(AutocompleteSelect):
    """Looks up the row's name only for a possible number; Django crashes on any other value."""

    def optgroups(self, name, value, attr=None):
        numbers = [each for each in value if ROW_NUMBER.fullmatch(str(each))]
        return super().optgroups(name, numbers, attr)


class CarefulChoices(admin.options.BaseModelAdmin):
    """A base for admin pages and inlines: robust ``autocomplete_fields``, and accessible names for fields."""

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, AdminSplitDateTime):
            name_date_and_time(field)
        return field

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = CarefulAutocomplete(
                db_field, self.admin_site, using=kwargs.get("using")
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


def name_date_and_time(field) -> None:
    """Name each of the two inputs, as in “Expires: date”: the text next to them is not a label."""
    date, time = field.widget.widgets
    label = capfirst(field.label)
    date.attrs["aria-label"] = format_lazy(_("{label}: date"), label=label)
    time.attrs["aria-label"] = format_lazy(_("{label}: time"), label=label)


class ColumnField(BoundField):
    """A field in a table in admin's forms, whose label is in the column header, far from the input."""

    def build_widget_attrs(self, attrs, widget=None):
        built = super().build_widget_attrs(attrs, widget)
        widget = widget or self.field.widget
        if not widget.is_hidden and not isinstance(widget, MultiWidget):
            built.setdefault("aria-label", str(self.label))
        return built
