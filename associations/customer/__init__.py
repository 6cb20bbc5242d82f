"""What customers are told and answer: notices, links, opting out (section 7 of the spec)."""
