"""The engagement fold: scored events in, sums per (stream, market, window) out. Pure.

`partition.PartitionFold` is the way in; each other file is one thing that it is made of:

    order       which events are complete, and in which order they are seen
    duplicates  which were seen before
    held        purchases without a stream, until it is known which was live
    masks       giveaways, votes, raids and bursts, left out of shares
    audience    who came back, and what is known of a viewer's market
    distinct    how many different ones: exact, then HyperLogLog
    questions   what viewers ask, until the host answers
    sums        what is added up (counting: what one comment adds)
    market      one market's buckets and total
    stream      one stream: all of the above, event by event
    eviction    which streams go when there are too many
    rows        a stream's state as rows of the `windows` topic (changes: a partition's)
"""
