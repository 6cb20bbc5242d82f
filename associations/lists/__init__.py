"""The claims list: filters, search, pages, export [R46]."""
