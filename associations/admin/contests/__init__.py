"""The board of mediation cases."""
