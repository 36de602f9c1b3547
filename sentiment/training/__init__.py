"""How the models were made: from open text and our own, one command a step."""
