"""How data are read: what a source is, and one file a form."""
