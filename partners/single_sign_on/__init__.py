"""Sign-in with an account of the company, by OpenID Connect [R44].

allauth does the errands (state, PKCE, fetching). What it leaves open is decided here: the identity
token is checked in full (``tokens``), and it opens the account whose address the provider vouches
for, that of somebody who is here already or holds an invitation (``adapter``). Nothing of the
provider is stored: each sign-in is matched anew.
"""
