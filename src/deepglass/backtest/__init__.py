"""What a forecast of prices would have earned: from the past alone, with costs, beside doing nothing."""
