"""Orders as shops send them: `resonance import webhook`, from HTTP to Kafka.

    service      start, serve, stop
    web          the paths, and what each answers
    signatures   who may send: Shopify's HMAC, a bearer's token
    intake       a body to purchases, or why it has none
    deliveries   each delivery once, however often it is sent
    kafka        records that are confirmed, or known not to be
    counts       what came of the requests

A sender hears 200 only once Kafka has the order. Until then it is the sender's: a full queue or a
broker that is away is answered with 503, and the sender sends again.
"""
