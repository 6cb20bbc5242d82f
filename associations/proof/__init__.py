"""Files of proof: what is taken, how it is looked at and kept [R11]."""
