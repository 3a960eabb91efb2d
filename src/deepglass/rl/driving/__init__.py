"""What a world of cars is made of: tracks, distance rays, and an expert who follows the middle of the road."""
