"""Foreign files in, our events out: one file a format, joined in `formats.FORMATS`. Pure.

    formats     the list, and which one a file is, by its content
    load        whole files: events in event-time order, between their streams' markers
    jsonl, csv_columns                         formats of ours
    ytdlp, chat_downloader, twitch, tiktok, bilibili, douyin      one chat tool or platform each
    webcast, webcast_rows                      what TikTok and Douyin have in common
    xml_elements, fields                       values out of what is not to be trusted
    kinds, retractions                         rows by name; deletions of all of an author's
    pieces      bytes to lines and JSON values, without ever holding the whole input
    rows        a row's fields to a valid event: identity, defaults, limits
    sorting, markers                           what makes a file a bounded stream

A new format is one file with a `FORMAT`, and its line in `formats.FORMATS`.
"""
