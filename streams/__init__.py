"""What flows, and what it adds up to. Time is in the records: no clock, no Kafka.

To send comments and purchases from any program, in any language (docs/producing.md runs this):

1. Topic `comments` or `purchases`; key = the channel; partitioner murmur2, as Java's; acks=all.
2. Both need `kind` (comment, purchase), `v` 1, `id`, `platform`, `channel`, `stream`,
   `occurred_at_ms` and `ingested_at_ms` (UTC milliseconds).
3. A comment adds `viewer_id`, `text` and, if known, `market` (ISO 3166-1, as DE).
4. A purchase adds `order_id`, `state` (paid, cancelled, refunded), `amount_minor` (cents; of JPY
   yen) and `currency` (ISO 4217); its `stream` may be left out: the channel's live one is taken.
5. The same `id` counts once: when in doubt, send again. What is unusable goes to `dead-letters`.

In Python the types check themselves: `encode_raw(Comment(id=…, …))` of `codec` and `events`.
"""
