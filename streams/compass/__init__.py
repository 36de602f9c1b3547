"""The time compass: in which local hours of the week a market buys, over many streams."""
