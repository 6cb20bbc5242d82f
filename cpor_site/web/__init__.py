"""What every page and form uses, and knows no app: limits, language, uploads, what people type, dead ends."""
