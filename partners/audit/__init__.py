"""The access record: who signed in, changed permissions, or viewed or exported data."""
