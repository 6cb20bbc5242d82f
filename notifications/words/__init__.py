"""From an email of the outbox to its subject, text and HTML."""
