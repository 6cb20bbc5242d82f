"""How a claim is shown: whose turn, progress, icons and numbers. Writes nothing."""
