"""Approved, delivered, closed, not refused → official; and what stands in the way [R29]–[R32]."""
