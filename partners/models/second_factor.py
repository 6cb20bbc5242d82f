from allauth.mfa.models import Authenticator
from django.utils.translation import gettext_lazy as _


class SecondFactor(Authenticator):
    """allauth's row under the name that staff pages use for it."""

    class Meta:
        proxy = True
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")

    def __str__(self):
        return f"{self.user} – {self.kind}"

    @property
    def kind(self):
        names = {
            self.Type.TOTP: _("Authenticator app"),
            self.Type.WEBAUTHN: _("Passkey"),
            self.Type.RECOVERY_CODES: _("Recovery codes"),
        }
        return names[self.Type(self.type)]
