"""Files of proof: what is accepted, how it is checked and stored [R11]."""
