"""What came of the requests. Reasons come from closed lists: a sender cannot make up names."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Counts:
    """Since the start; requests = the sum of answers + those in progress."""

    requests: int = 0
    in_progress: int = 0
    answers: Counter[int] = field(default_factory=Counter)  # By HTTP status.
    confirmed: int = 0  # Events that Kafka has.
    duplicates: int = 0  # Deliveries that were known already.
    skipped: Counter[str] = field(default_factory=Counter)  # By kind: "unpaid order".
    refused: Counter[str] = field(default_factory=Counter)  # Requests, by reason.

    def as_json(self) -> dict[str, object]:
        """Return the counts for `/counts` and for the summary at the end."""
        return {
            "requests": self.requests,
            "in_progress": self.in_progress,
            "answers": {str(status): count for status, count in sorted(self.answers.items())},
            "confirmed": self.confirmed,
            "duplicates": self.duplicates,
            "skipped": dict(sorted(self.skipped.items())),
            "refused": dict(sorted(self.refused.items())),
        }
