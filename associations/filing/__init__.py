"""The partner's side up to submission: drafts and when they are complete, comments, subscriptions."""
