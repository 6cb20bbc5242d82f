"""The customer's side: notices, links, answers, opting out (section 7 of the specification)."""
