"""Sign-in with an account of the company, by OpenID Connect [R44].

allauth handles state, PKCE and fetching. The rest is done here: the identity token is checked in
full (``tokens``), and it opens the account whose address the provider vouches for, of a person who
already has one or has been invited (``adapter``). Nothing from the provider is stored: each sign-in is
matched again.
"""
