"""What every page and form uses, without importing any app: limits, language, uploads, input, dead ends."""
