"""Files and live inputs into Kafka or a file.

    request   what was asked for, checked; and how the outcome is told
    options   what is said of the stream: markets, languages, names
    whole     whole files: read, sorted, then sent or written
    follow    inputs without an end: each line on its way within a moment
    tail      a file that grows, or a pipe, as lines
    live      lines to live events: their time, their streams' markers
    kafka     the producer: murmur2 by channel or viewer, every delivery checked
    output    events to a file or to standard output

What the lines mean is read by `resonance.streams.importers`.
"""
