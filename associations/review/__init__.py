"""What reviewers decide, and disputes."""
