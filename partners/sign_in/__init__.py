"""Signing in: accounts, addresses, the second factor, single sign-on."""
