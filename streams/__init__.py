"""What flows, and what it adds up to. Time is in the records: no clock, no Kafka."""
