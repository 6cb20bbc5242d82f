"""The forms of section 4, one for each page."""
