"""What several algorithms need, each part tested by itself."""
