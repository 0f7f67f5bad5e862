"""`flask audio`: render the sound, check it, write the reading script, take recordings."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console

from hotline.guide.model import Guide
from hotline.speech.inspection import check
from hotline.speech.intake import Verdict, take
from hotline.speech.sheet import write_script
from hotline.speech.studio import Studio, render
from hotline.speech.synthesis import Engine

SCRIPT_FOLDER = Path("build")


@dataclass(frozen=True)
class StudioCommands:
    """What the studio does on the command line."""

    guide: Guide
    studio: Studio
    engine: Engine

    def group(self) -> click.Group:
        """The commands of `flask audio`."""
        language = click.Choice(list(self.guide.languages))
        folder = click.Path(exists=True, file_okay=False, path_type=Path)
        out = click.Option(
            ["--out"],
            type=click.Path(file_okay=False, path_type=Path),
            default=SCRIPT_FOLDER,
            show_default=True,
            help="The folder to write it to.",
        )
        spoken = click.Option(["--language"], type=language, required=True, help="The language that is read.")
        return click.Group(
            "audio",
            help="The studio: render the sound, check it, write the reading script, take recordings.",
            commands=[
                click.Command("render", callback=self.render, help="Make every clip that is missing."),
                click.Command("check", callback=self.check, help="Check every clip and recording."),
                click.Command(
                    "script",
                    callback=self.script,
                    help="Write what a speaker reads: a page and a table.",
                    params=[click.Argument(["language"], type=language), out],
                ),
                click.Command(
                    "import",
                    callback=self.take,
                    help="Take the recordings in FOLDER, each named after its clip.",
                    params=[click.Argument(["folder"], type=folder), spoken],
                ),
            ],
        )

    def render(self) -> None:
        """Makes the missing clips."""
        done = render(self.guide, self.studio.folder, self.studio.recordings, self.engine, console=Console())
        click.echo(f"{done.made} clips made, {done.removed} removed")

    def check(self) -> None:
        """Prints every problem of the sound."""
        report(check(self.studio))

    def script(self, language: str, out: Path) -> None:
        """Writes the reading script."""
        for path in write_script(self.guide, self.studio, language, out):
            click.echo(path)

    def take(self, folder: Path, language: str) -> None:
        """Takes what is good, says of each file what became of it; exit 1 if any was refused."""
        verdicts = take(self.studio, language, folder)
        if not verdicts:
            raise click.ClickException(f"there is no recording in {folder}")
        for verdict in verdicts:
            click.echo(_line(verdict))
        refused = sum(bool(verdict.problems) for verdict in verdicts)
        click.echo(f"{len(verdicts) - refused} taken, {refused} refused; next: flask audio render")
        sys.exit(1 if refused else 0)


def report(found: list[str]) -> None:
    """Prints problems, a line each, and ends the command: 1 where there are any."""
    for problem in found:
        click.echo(problem)
    click.echo(f"{len(found)} problems" if found else "no problem found")
    sys.exit(1 if found else 0)


def _line(verdict: Verdict) -> str:
    if verdict.problems:
        return f"{verdict.file}: refused: {'; '.join(verdict.problems)}"
    return f"{verdict.file}: taken, {verdict.seconds:.1f} s"
