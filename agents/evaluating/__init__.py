"""`resonance evaluate`: find the sets in a folder, score their texts, judge and show the scores."""
