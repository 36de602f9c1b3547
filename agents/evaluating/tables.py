"""The figures of an evaluation as tables on the terminal."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from rich.console import Console
from rich.table import Table

from resonance.agents.evaluating.run import FalseAlarms, Mean
from resonance.sentiment.evaluation.authored import LanguageFigures
from resonance.sentiment.evaluation.judging import Mistake, SetFigures

CLASSES_SHOWN: Final = 4  # More have no room in a line; --json has them all.
TEXT_SHOWN: Final = 100  # Characters.


def print_tables(
    console: Console,
    sets: Sequence[SetFigures],
    set_means: Iterable[Mean],
    languages: Iterable[LanguageFigures],
    alarms: Sequence[FalseAlarms],
) -> None:
    """Print what there is, one table a question."""
    averages = {(mean.set, mean.task): mean for mean in set_means}
    for (name, task), group in groupby(sets, key=lambda figures: (figures.set, figures.task)):
        console.print(_set_table(f"{name} {task}", list(group), averages.get((name, task))))
    language_figures = list(languages)
    if language_figures:
        console.print(_language_table(language_figures))
    if alarms:
        console.print(_alarm_table(alarms))


def print_mistakes(console: Console, mistakes: Iterable[Mistake]) -> None:
    """Print mistakes in their order, one table a set and language."""
    for (name, language), group in groupby(mistakes, key=lambda m: (m.set, m.language)):
        table = _table(f"Surest mistakes of {name} {language}", "Truth", "Said", "Sure", "Text")
        for mistake in group:
            text = "".join(filter(str.isprintable, mistake.text))[:TEXT_SHOWN]
            table.add_row(mistake.truth, mistake.predicted, _percent(mistake.confidence), text)
        console.print(table)


def _set_table(title: str, group: Sequence[SetFigures], mean: Mean | None) -> Table:
    classes = sorted({name for figures in group for name in figures.classes})
    shown = classes if len(classes) <= CLASSES_SHOWN else []
    calibrated = any(figures.calibration_error is not None for figures in group)
    table = _table(
        title,
        *("Language", "n", "Macro-F1", "Accuracy"),
        *(["Calibration error"] if calibrated else []),
        *(f"F1 {name}" for name in shown),
    )
    for row in group:
        error = [] if row.calibration_error is None else [_percent(row.calibration_error)]
        f1s = [_percent(row.classes[c].f1) if c in row.classes else "–" for c in shown]
        figures = (_percent(row.macro_f1), _percent(row.accuracy), *error, *f1s)
        table.add_row(row.language, str(row.n), *figures)
    if mean is not None:
        f1s = [_percent(mean.class_f1[name]) for name in shown]
        padding = [""] * calibrated
        table.add_row("mean", "", _percent(mean.macro_f1), "", *padding, *f1s, style="bold")
    return table


def _language_table(figures: Sequence[LanguageFigures]) -> Table:
    kinds = list(dict.fromkeys((row.set, row.kind) for row in figures))
    table = _table("Language told", "Language", *(kind for _, kind in kinds))
    by_language = {(row.language, (row.set, row.kind)): row for row in figures}
    names = sorted({row.language for row in figures}, key=lambda name: (name != "all", name))
    for name in names:
        cells = [by_language.get((name, kind)) for kind in kinds]
        table.add_row(name, *("–" if cell is None else _percent(cell.accuracy) for cell in cells))
    return table


def _alarm_table(alarms: Sequence[FalseAlarms]) -> Table:
    table = _table("False alarms on real chats", "Language", "n", "Toxic", "Spam")
    for row in alarms:
        table.add_row(row.language, str(row.n), _percent(row.toxic), _percent(row.spam))
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", header_style="bold", pad_edge=False, box=None)
    for name in columns:
        table.add_column(name, justify="left" if name in {"Language", "Text"} else "right")
    return table


def _percent(value: float) -> str:
    return f"{100 * value:.1f}"
