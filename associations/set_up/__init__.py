"""Setting up a site by imports: partners, their first admins, customers, subscriptions [R60]."""
