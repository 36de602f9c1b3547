"""Train the transformer's tokenizer: Unigram pieces, in the Hugging Face layout."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from tokenizers import (
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

from resonance.sentiment.training.rows import Row

VOCABULARY: Final = 32_000
LANGUAGE_MAX_BYTES: Final = 2_500_000  # Of each language: none crowds the others out.
TEXT_MAX_CHARACTERS: Final = 300
SPECIAL: Final = ("<pad>", "<unk>", "<s>", "</s>", "<mask>")


def train_tokenizer(rows: Sequence[Row], texts: Sequence[str]) -> Tokenizer:
    """Return a tokenizer trained on `texts`, the model's forms of `rows`."""
    tokenizer = Tokenizer(models.Unigram())
    # The model's form is normalised already; this is for those who load the directory alone.
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex(r"[\ufe0f\u200d]"), ""),
            normalizers.Replace(Regex(r"\s+"), " "),
            normalizers.Strip(),
        ]
    )
    # Emoji and marks stand alone, and so does each digit: prices share no pieces with words.
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Metaspace(),
            pre_tokenizers.Split(Regex(r"[^\p{L}\p{M}\p{N}▁@#]"), "isolated"),
            pre_tokenizers.Split(Regex(r"\p{N}"), "isolated"),
        ]
    )
    trainer = trainers.UnigramTrainer(
        vocab_size=VOCABULARY,
        special_tokens=list(SPECIAL),
        unk_token="<unk>",  # noqa: S106 # A piece of text, not a password.
        max_piece_length=12,
        shrinking_factor=0.7,
        n_sub_iterations=2,
        show_progress=False,
    )
    tokenizer.train_from_iterator(_balanced(rows, texts), trainer)
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A",
        pair="<s> $A $B",
        special_tokens=[("<s>", tokenizer.token_to_id("<s>"))],
    )
    return tokenizer


def _balanced(rows: Sequence[Row], texts: Sequence[str]) -> Iterator[str]:
    spent: dict[str, int] = defaultdict(int)
    for row, text in zip(rows, texts, strict=True):
        if spent[row.language] < LANGUAGE_MAX_BYTES:
            shown = text[:TEXT_MAX_CHARACTERS]
            spent[row.language] += len(shown.encode())
            yield shown
