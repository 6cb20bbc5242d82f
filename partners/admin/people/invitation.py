"""Invitations for staff: a partner's first admin is invited from the partner's page (section 11).

The list is for answering questions; nothing in it reveals an invitation's link.
"""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminEmailInputWidget
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cpor_site.web.admin_site import ReadOnlyAdmin, StaffAdmin
from cpor_site.web.form_fields import AddressField
from cpor_site.web.limits import ask_to_wait

from ...enums import Language
from ...models import Invitation, Partner
from ...people.invitation_limits import TooManyInvitations
from ...people.invitations import invite_first_admin
from ...people.members import MemberError, find_admins


class FirstAdminForm(forms.Form):
    email = AddressField(
        label=gettext_lazy("Email"),
        max_length=254,
        widget=AdminEmailInputWidget,
        error_messages={
            "required": gettext_lazy("Enter the email address of the person you're inviting.")
        },
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the invitation"), choices=Language.choices
    )


class FirstAdminInvitation(StaffAdmin):
    """Adds to the partner's admin a page that invites its first Incentives admin [R42]."""

    change_form_template = "admin/partners/partner/change_form.html"

    def get_urls(self):
        invite = path(
            "<int:pk>/invite/",
            self.admin_site.admin_view(self.invite_view),
            name="partners_partner_invite",
        )
        return [invite, *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        partner = self.get_object(request, object_id)
        lacks_admin = partner is not None and not find_admins(partner.pk).exists()
        extra = {"may_invite": lacks_admin and _may_invite(request), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, extra)

    def invite_view(self, request, pk: int) -> HttpResponse:
        """Ask for an address, then send the invitation."""
        if not _may_invite(request) or not self.has_view_permission(request):
            raise PermissionDenied
        partner = get_object_or_404(Partner, pk=pk)
        form = FirstAdminForm(request.POST or None)
        if request.method != "POST":
            return self._show(request, partner, form)
        if not form.is_valid():
            return self._show(request, partner, form, status=400)
        return self._invite(request, partner, form)

    def _show(
        self, request, partner: Partner, form: FirstAdminForm, *, status: int = 200
    ) -> HttpResponse:
        return self.render_page(
            request,
            "admin/partners/partner/invite.html",
            title=_("Invite the first Incentives admin of %(partner)s") % {"partner": partner},
            subject=partner,
            form=form,
            waiting=Invitation.objects.in_force().filter(partner=partner),
            status=status,
        )

    def _invite(self, request, partner: Partner, form: FirstAdminForm) -> HttpResponse:
        try:
            invitation = invite_first_admin(partner, **form.cleaned_data, actor=request.user)
        except TooManyInvitations as error:
            form.add_error("email", str(error))
            return ask_to_wait(self._show(request, partner, form), seconds=error.seconds)
        except MemberError as error:
            form.add_error("email", str(error))
            return self._show(request, partner, form, status=400)
        words = _("The invitation is on its way to %(email)s.") % {"email": invitation.email}
        self.message_user(request, words, messages.SUCCESS)
        return redirect("admin:partners_partner_change", partner.pk)


def _may_invite(request) -> bool:
    return request.user.has_perm("partners.add_invitation")


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ("email", "state", "expires_at", "partner", "role", "invited_by", "invited_at")
    list_filter = ("state", "role", "is_undelivered")
    list_select_related = ("partner", "invited_by")
    search_fields = ("email", "partner__name")
    ordering = ("-pk",)
    fields = readonly_fields = (
        *("email", "partner", "role", "has_all_locations", "locations", "language", "state"),
        *("invited_by", "invited_at", "expires_at", "sendings", "is_undelivered"),
        *("accepted_by", "settled_at"),
    )
