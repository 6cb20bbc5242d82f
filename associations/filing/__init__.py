"""The partner's side up to submission: drafts, what makes one complete, comments, subscriptions."""
