"""The access record: who signed in, changed who may do what, or took something away."""
