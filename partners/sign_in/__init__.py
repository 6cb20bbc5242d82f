"""Signing in: accounts, addresses, the second factor."""
