from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """People join by invitation or are made by staff; there is no sign-up page [R42]."""

    def is_open_for_signup(self, request):
        return False
