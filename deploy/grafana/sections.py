"""What the dashboard shows, row by row: a title, the question it answers, the query."""

from typing import Final

from panels import (
    GRAY,
    GREEN,
    ORANGE,
    RED,
    YELLOW,
    Panel,
    query,
    stat,
    state_timeline,
    timeseries,
)

# What Grafana's variables fill in. A stream is one; of markets there may be several.
CHOSEN: Final = 'stream="$stream", market=~"$market"'
# The least step where a shorter one would show single comments; a longer one would be old news,
# as Grafana ends its range at a whole step.
SMOOTH: Final = "30s"
PER_MINUTE: Final = "suffix: /min"
SENTIMENT_COLORS: Final = {
    "negative": "red",
    "neutral": GRAY,
    "positive": "blue",  # Whoever cannot tell red from green can tell these.
    "unscored": "purple",
}


def rate(metric: str, labels: str = CHOSEN) -> str:
    """Return the expression for a counter's rate a second."""
    return f"rate(resonance_{metric}{{{labels}}}[$__rate_interval])"


def per_minute(metric: str, by: str = "", labels: str = CHOSEN) -> str:
    """Return the expression for a counter's rate a minute: rate first, then sum."""
    grouping = f" by ({by})" if by else ""
    return f"60 * sum{grouping} ({rate(metric, labels)})"


def quantile(share: float, metric: str, by: str = "le") -> str:
    """Return the expression for a quantile of a worker's histogram."""
    buckets = f"rate(resonance_{metric}_bucket[$__rate_interval])"
    return f"histogram_quantile({share}, sum by ({by}) ({buckets}))"


NEGATIVE: Final = rate("comments_total", f'{CHOSEN}, sentiment="negative"')
SCORED: Final = rate("comments_total", f'{CHOSEN}, sentiment!="unscored"')
SHARE_STEPS: Final = ((None, GREEN), (0.10, YELLOW), (0.15, ORANGE), (0.25, RED))
# "No rules" is not "nothing is wrong": without rules loaded the answer is -1.
ALERTS: Final = (
    'count(ALERTS{alertstate="firing", alertname!="ResonanceWatchdog"})'
    " or (vector(0) and on () (sum(prometheus_rule_group_rules) > 0)) or vector(-1)"
)
BEHIND: Final = (
    'max((time() - resonance_watermark_timestamp_seconds{stream="$stream"})'
    " and on (stream) (resonance_stream_live == 1))"
)


def at_a_glance() -> list[Panel]:
    """Return the six numbers."""
    return [
        stat(
            "Alerts firing",
            "Of all streams. Without alert rules in Prometheus it says so.",
            query(ALERTS),
            unit="none",
            steps=((None, GRAY), (0, GREEN), (1, RED)),
            words={-1: "no rules"},
        ),
        stat(
            "Negative share",
            "Negative comments of all that were scored, in the markets chosen.",
            query(f"sum({NEGATIVE}) / sum({SCORED})"),
            unit="percentunit",
            steps=SHARE_STEPS,
            interval=SMOOTH,
        ),
        stat(
            "Comments",
            "Viewers' comments a minute; giveaways, votes, raids and bursts are left out.",
            query(per_minute("comments_total")),
            unit=PER_MINUTE,
            interval=SMOOTH,
        ),
        stat(
            "Purchases",
            "Orders paid a minute.",
            query(per_minute("purchases_total", labels=f'{CHOSEN}, state="paid"')),
            unit=PER_MINUTE,
            interval=SMOOTH,
        ),
        stat(
            "Oldest open question",
            "How long the oldest question has waited for the host.",
            query(f"max(resonance_question_oldest_age_seconds{{{CHOSEN}}})"),
            unit="s",
            steps=((None, GREEN), (60, ORANGE), (180, RED)),
        ),
        stat(
            "Behind live",
            "Up to when the stream is complete. If this is red, all other numbers are old news.",
            query(BEHIND),
            unit="s",
            steps=((None, GREEN), (10, ORANGE), (30, RED)),
            nothing="not live",
        ),
    ]


def which_market() -> list[Panel]:
    """Return the line of every market."""
    negative, scored = (f"sum by (market) ({part})" for part in (NEGATIVE, SCORED))
    return [
        state_timeline(
            "Negative share by market",
            "One line a market. A gap: fewer than five scored comments a minute, too few for a "
            "share. Single markets page by the lower end of an interval, not by this colour.",
            query(f"{negative} / ({scored} > 5 / 60)", "{{market}}"),
            unit="percentunit",
            steps=SHARE_STEPS,
            interval=SMOOTH,
        )
    ]


def four_v() -> list[Panel]:
    """Return the four V of every market, a panel each."""
    asks = {
        "variation": "Is it what this market wants, or a copied script?",
        "versatility": "Do viewers learn how it works, and if it is for them?",
        "value": "Do shipping, customs, payment, returns and quality hold up?",
        "vibration": "Does the room come along?",
    }
    return [
        timeseries(
            v.capitalize(),
            f"{question} 1 to 100 since the stream's start; no line: too little evidence. What a "
            "score rests on stands on the board and in the report.",
            query(f'max by (market) (resonance_four_v_points{{{CHOSEN}, v="{v}"}})', "{{market}}"),
            unit="none",
        )
        for v, question in asks.items()
    ]


def why() -> list[Panel]:
    """Return what the numbers above are made of."""
    return [
        timeseries(
            "Comments by sentiment",
            "A minute, stacked. Unscored: the language has no model and no phrases yet.",
            query(per_minute("comments_total", "sentiment"), "{{sentiment}}"),
            unit=PER_MINUTE,
            stacked=True,
            colors=SENTIMENT_COLORS,
        ),
        timeseries(
            "Complaints by topic",
            "A minute. A complaint can have several topics; none: no known one.",
            query(per_minute("complaint_topics_total", "topic"), "{{topic}}"),
            unit=PER_MINUTE,
        ),
        timeseries(
            "Cultural friction by category",
            "Comments a minute in which habits of two cultures collide.",
            query(per_minute("friction_total", "category"), "{{category}}"),
            unit=PER_MINUTE,
        ),
        timeseries(
            "Open questions by market",
            "Clusters of the same question that wait for the host.",
            query(f"sum by (market) (resonance_questions_open{{{CHOSEN}}})", "{{market}}"),
            unit="short",
        ),
        timeseries(
            "Orders by state",
            "A minute, at the time of each change: cancellations often follow complaints.",
            query(per_minute("purchases_total", "state"), "{{state}}"),
            unit=PER_MINUTE,
        ),
        timeseries(
            "Masked comments by reason",
            "A minute, stacked: giveaways, votes, raids and bursts, which count in no share.",
            query(per_minute("masked_comments_total", "reason"), "{{reason}}"),
            unit=PER_MINUTE,
            stacked=True,
        ),
    ]


def pipeline() -> list[Panel]:
    """Return how the engine itself runs; all streams together."""
    return [*_speed(), *_accounts()]


def _speed() -> list[Panel]:
    lag = "event_lag_seconds"
    waiting = "sum by (topic) (max by (topic, partition) (resonance_consumer_lag_messages))"
    return [
        timeseries(
            "Comments scored by tier",
            "A second, and those that a lower tier scored for want of time.",
            query(f"sum by (scorer) ({rate('comments_scored_total', '')})", "{{scorer}}"),
            query(f"sum({rate('shed_total', '')})", "shed"),
            unit="suffix: /s",
        ),
        timeseries(
            "Time in each hop",
            "From when Kafka got a record until what came of it was confirmed.",
            query(quantile(0.5, lag, "le, hop"), "{{hop}} median"),
            query(quantile(0.95, lag, "le, hop"), "{{hop}} 95 %"),
            query(quantile(0.99, lag, "le, hop"), "{{hop}} 99 %"),
            unit="s",
        ),
        timeseries(
            "Time to score a batch",
            "Decode and score, without waiting.",
            query(quantile(0.5, "scoring_duration_seconds"), "median"),
            query(quantile(0.95, "scoring_duration_seconds"), "95 %"),
            unit="s",
        ),
        timeseries(
            "Records that wait to be scored",
            "By source topic. Growing: add scoring workers.",
            query(waiting, "{{topic}}"),
            unit="short",
        ),
    ]


def _accounts() -> list[Panel]:
    return [
        timeseries(
            "Dead letters by reason",
            "Records a second that were set aside.",
            query(f"sum by (reason) ({rate('dead_letters_total', '')})", "{{reason}}"),
            unit="suffix: /s",
        ),
        timeseries(
            "Records unaccounted for",
            "Records in less records accounted for. Anything but 0 for long is a fault of ours.",
            query("sum by (hop) (resonance_conservation_difference)", "{{hop}}"),
            unit="short",
        ),
        timeseries(
            "Age of the oldest snapshot",
            "What a restart would have to read again, in time.",
            query("max(resonance_snapshot_age_seconds)", "oldest"),
            unit="s",
        ),
        timeseries(
            "Duplicates dropped",
            "Records a second that platforms or restarts sent again.",
            query(f"sum({rate('duplicates_total', '')})", "duplicates"),
            unit="suffix: /s",
        ),
        timeseries(
            "Texts that were known",
            "Share of texts whose score came out of the cache.",
            query(
                f"sum({rate('score_cache_hits_total', '')}) / "
                f"(sum({rate('score_cache_hits_total', '')}) + "
                f"sum({rate('score_cache_misses_total', '')}))",
                "cached",
            ),
            unit="percentunit",
        ),
        timeseries(
            "Targets down",
            "Parts of the stack that Prometheus does not reach.",
            query("sum by (job) (1 - up)", "{{job}}"),
            unit="short",
        ),
    ]
