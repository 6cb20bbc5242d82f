"""Staff groups: who can do what in admin. For superusers; names are in the reader's language."""

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from ...staff_groups import STAFF_GROUPS, describe_group, name_group

admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin):
    """The groups that ship with CPOR keep their names: the next version finds them by name."""

    list_display = ("in_words", "purpose")
    actions = None

    @admin.display(description=_("name"), ordering="name")
    def in_words(self, group: Group) -> str:
        return name_group(group)

    @admin.display(description=_("for"))
    def purpose(self, group: Group) -> str:
        return describe_group(group)

    def get_readonly_fields(self, request, obj=None):
        return ("name",) if obj and is_shipped(obj) else ()

    def has_delete_permission(self, request, obj=None):
        if obj is not None and is_shipped(obj):
            return False
        return super().has_delete_permission(request, obj)


def is_shipped(group: Group) -> bool:
    return group.name in {each.name for each in STAFF_GROUPS}


class GroupField(forms.ModelMultipleChoiceField):
    """Groups to select, by their names in the reader's language."""

    def label_from_instance(self, group):
        return name_group(group)


class GroupFilter(admin.RelatedFieldListFilter):
    """People by group."""

    def field_choices(self, field, request, model_admin):
        ours = {group.pk: name_group(group) for group in Group.objects.all()}
        choices = super().field_choices(field, request, model_admin)
        return [(pk, ours[int(pk)]) for pk, _name in choices]
