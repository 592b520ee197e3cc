"""The page. Imports no torch: it reads files and calls services."""
