"""Words and looks of a claim: whose turn, where it stands, icons and numbers. Writes nothing."""
