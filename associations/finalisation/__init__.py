"""Making claims official when their window is over, and what prevents it [R29]–[R32]."""
