"""The forms of filing (section 4), one per page."""
