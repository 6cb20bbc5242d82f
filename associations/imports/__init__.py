"""Importing tables: one engine for everything that staff and partners upload as CSV or XLSX [R60]."""
