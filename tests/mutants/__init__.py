"""Deliberate breaks of the core, each of which some test must notice (``make mutants``)."""
