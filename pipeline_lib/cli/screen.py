"""The live progress on a terminal, and plain lines where there is none."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from pipeline_lib.records.progress import PhaseStep, Progress

MARKS = {
    "done": "[green]✓[/]",
    "running": "[yellow]⟳[/]",
    "pending": "○",
    "failed": "[red]✗[/]",
    "cancelled": "[red]✗[/]",
}
COUNTS = ("lines", "orders", "products", "pairs", "triples", "candidates", "published")
BAR_WIDTH = 40

Show = Callable[[Progress], None]


@contextmanager
def progress_screen() -> Iterator[Show]:
    """Yield a function that shows a version of the progress document."""
    console = Console()
    if not console.is_terminal:
        yield _lines(console)
        return
    with Live(console=console, refresh_per_second=8) as live:
        yield lambda data: live.update(_picture(data))


def _lines(console: Console) -> Show:
    shown: set[tuple[object, ...]] = set()

    def show(data: Progress) -> None:
        key = (data.progress, data.phase, data.message)
        if key not in shown:
            shown.add(key)
            console.print(f"{data.progress:3d} %  {data.phase}: {data.message}", highlight=False)

    return show


def _picture(data: Progress) -> Group:
    steps = Table.grid(padding=(0, 2))
    for entry in data.phases:
        steps.add_row(MARKS[entry.state], entry.name, _took(entry))
    bar = Table.grid(padding=(0, 1))
    bar.add_row(
        ProgressBar(total=100, completed=data.progress, width=BAR_WIDTH),
        f"{data.progress} %",
        _left(data),
    )
    return Group(steps, bar, Text(data.message, style="bold"), Text(_found(data), style="dim"))


def _took(entry: PhaseStep) -> str:
    if entry.started_at is None or entry.ended_at is None:
        return ""
    return f"{(entry.ended_at - entry.started_at).total_seconds():.1f} s"


def _left(data: Progress) -> str:
    seconds = data.metadata.get("time_remaining")
    return f"about {seconds} s left" if seconds and data.status == "in_progress" else ""


def _found(data: Progress) -> str:
    counts = data.metadata
    return " · ".join(f"{counts[name]:,} {name}" for name in COUNTS if name in counts)
