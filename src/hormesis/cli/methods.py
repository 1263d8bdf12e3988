"""``hormesis methods``: what there is."""

from __future__ import annotations

from hormesis.cli.screen import Screen


def methods(screen: Screen) -> None:
    """List recipes (before pretraining) and methods (after it): name, what it does, what it needs, source."""
    from rich.box import SIMPLE
    from rich.table import Table

    from hormesis.corpus.recipes import RECIPES
    from hormesis.detox import METHODS

    before = [
        {"name": name, "summary": each.summary, "needs": each.needs, "source": each.citation}
        for name, each in RECIPES.items()
    ]
    after = [
        {
            "name": each.name,
            "summary": f"control: {each.summary}" if each.control else each.summary,
            "needs": each.needs,
            "source": each.source,
        }
        for each in METHODS.values()
    ]
    for title, noun, rows in (
        ("Before pretraining: `recipes` in a study's YAML", "recipe", before),
        ("After pretraining: hormesis detox MODEL --method NAME", "method", after),
    ):
        table = Table(title=title, title_justify="left", box=SIMPLE)
        table.add_column(noun, no_wrap=True)
        for column in ("what it does", "needs", "source"):
            table.add_column(column)
        for row in rows:
            table.add_row(*row.values())
        screen.say(table)
    screen.result({"recipes": before, "methods": after})
