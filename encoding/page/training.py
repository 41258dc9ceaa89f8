"""The page of a training: what it has come to so far, in the order of the article."""

from collections.abc import Callable, Sequence
from pathlib import Path

from encoding.batches import HeldOut
from encoding.page.blocks import chart, listing, network, prose, table
from encoding.page.melody import Melody
from encoding.page.page import Page
from encoding.reading import Corpus
from encoding.writing import render_all

AT_FIRST = ("The songs", "The network", "Melodies before training")  # what stays as it is while the run goes on


class RunPage(Page):
    """The page in a run's folder. What an earlier start has written on it is kept if it will not come anew.

    `curves` makes what `chart` draws of the lines of metrics.csv; the method of that name of a `watch`, of its rows.
    """

    def __init__(self, folder: Path, curves: Callable, watch: object | None):
        super().__init__(f"A network learns: {folder.name}", "")
        self.folder, self.curves, self.watch = folder, curves, watch
        self.take_over(folder / "index.html")
        self.sections = {heading: self.sections[heading] for heading in AT_FIRST if heading in self.sections}

    def begin(self, corpus: Corpus, held_out: HeldOut, summary: str, parts: Sequence) -> None:
        """What was read, what was left out and why, what is held out; and the network in its parts, or as a table."""
        reasons = "\n".join(f"{name}: {reason}" for name, reason in corpus.rejected.items())
        folded = [listing(reasons, "All that was left out, and why")] if reasons else []
        self.put("The songs", listing(corpus.report()), *folded, prose(f"Learned from and held out: {held_out}."))
        self.put("The network", network(parts) if parts else listing(summary))

    def files(self, training) -> dict[str, bytes]:
        """The page with the losses so far, and what a watch has seen, by the name of its file.

        `training` has an epoch, its settings and rows (see `lstm_numpy.training.Training`).
        """
        epochs, done = training.settings.epochs, f"after {training.optimizer.t:,} training steps"
        if training.epoch < epochs:
            self.lead = prose(
                f"In epoch {training.epoch + 1} of {epochs}, {done}. This page is written anew after each epoch: "
                "reload it to look again. Ctrl-C stops and saves the training."
            )
        else:
            self.lead = prose(f"All {epochs} epochs are done, {done}.")
        self.lead += prose(f"To compose: `python sample.py --model {self.folder}`. "
                           f"To go on with the training: `python train.py --resume {self.folder}`.")  # fmt: skip
        head = ["epoch", "step", "training loss", "validation loss", "perplexity", "accuracy"]
        lines = [
            [row["epoch"], row["step"], f"{row['train_loss']:.4f}", f"{row['val_loss']:.4f}",
             f"{row['val_perplexity']:.2f}", f"{row['val_accuracy']:.1%}"] for row in training.rows if "val_loss" in row
        ]  # fmt: skip
        if training.rows:
            self.put("Training", chart(**self.curves(training.rows)), table([head, *lines]))
        if training.rows and self.watch:
            watched = (chart(**one) for one in self.watch.curves(training.watched))
            self.put("Gradients, updates and gates", *watched)
        return {"index.html": self.content()}

    def melodies(self, when: str, composed: Sequence[tuple], time_step: float) -> dict[str, bytes]:
        """Show melodies from before or after training, by tokens and layout of each; gives the files of the latter."""
        shown, files = [], {}
        for n, (tokens, layout) in enumerate(composed, start=1):
            title, name = f"Melody {n}, {when} training", f"{when}-{n}"
            written = render_all(tokens, ("midi", "musicxml"), time_step, title, None, layout)
            shown.append(Melody(title, name, tokens, time_step, layout, files=written).html())
            files |= {f"{name}{suffix}": content for suffix, content in written.items()}
        self.put(f"Melodies {when} training", *shown)
        return files if when == "after" else {}

    def test(self, loss: str) -> None:
        """Show the loss on the test data, and print it."""
        print(f"\n{loss}")
        self.put("Test", listing(loss))
