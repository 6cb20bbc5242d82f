"""Reviewers' decisions, and disputes."""
