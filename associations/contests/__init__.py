"""Claims of different partners for one slot [R13], [R19], [R33]."""
