"""Usage data of official products: loading, reading, charts, export [R36]–[R40]."""
