"""Who belongs to a partner: members, what their roles reach, invitations, joining."""
