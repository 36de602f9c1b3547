"""Many archived streams of one channel, held beside each other."""
