"""What every move uses: the table of moves, history, deadlines, slots, and visibility."""
