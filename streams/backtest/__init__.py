"""What alert rules would have paged, held against what is known to have happened."""
