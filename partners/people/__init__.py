"""Who belongs to a partner: members, what their roles cover, invitations, joining."""
