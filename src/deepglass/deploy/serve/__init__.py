"""Serving: exported models over HTTP, behind one queue each, in three dialects and on one page."""
