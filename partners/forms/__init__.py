"""Forms about partners, one module per subject."""
