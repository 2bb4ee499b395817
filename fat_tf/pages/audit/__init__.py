"""The page of a label audit: listen to what models doubt, and correct it."""
