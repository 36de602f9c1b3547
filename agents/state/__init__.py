"""The states of engagement's partitions: saved, found again, read back; and memory given back."""
