"""What is timed. Each function prepares its work and returns a function that does it once.

Where one call does the work several times over, it returns how often. The network and the
data are the article's: V 38 symbols, an embedding as wide, dropout 0.2, Adam.
"""

import os

import numpy as np

V = 38
DROPOUT = 0.2
BATCHES = 20  # of the loops over data, in one call


def _torch():
    import torch

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    return torch


# -- one training step on a batch: forward, loss, backward, update ---------------------------------


def numpy_step(H: int, outputs: str, B: int = 64, T: int = 64, L: int = 1, plain: bool = False, reuse: bool = True):
    from lstm_numpy import Adam, LSTMModel, Workspace
    from lstm_numpy.training.batch import Batch
    from lstm_numpy.training.step import train_step

    rng = np.random.default_rng(0)
    model = LSTMModel(V, V, H, L, DROPOUT, rng, plain=plain)
    optimizer, workspace, settings = Adam(model.params), Workspace() if reuse else None, _settings(outputs)
    batch = Batch(rng.integers(V, size=(B, T)), rng.integers(V, size=(B, T) if outputs == "every" else B))

    def step() -> None:
        train_step(model, optimizer, batch, settings, rng, workspace)

    return step


def numpy_step_without(trick: str, H: int, outputs: str):
    """The step with one trick of the fast layer undone."""
    import tricks

    tricks.check(trick)
    return numpy_step(H, outputs, reuse=trick != "a workspace")


def pytorch_step(H: int, outputs: str, B: int = 64, T: int = 64, L: int = 1):
    torch = _torch()
    from torch_model import TorchModel

    network = TorchModel(V, V, H, L, DROPOUT)
    optimizer, criterion = torch.optim.Adam(network.parameters()), torch.nn.CrossEntropyLoss()
    tokens = torch.randint(V, (B, T))
    targets = torch.randint(V, (B * T if outputs == "every" else B,))

    def step() -> None:
        optimizer.zero_grad()
        loss = criterion(network(tokens, outputs=outputs)[0].reshape(-1, V), targets)
        loss.backward()
        optimizer.step()
        loss.item()

    return step


def _settings(outputs: str):
    from lstm_numpy.training import Settings

    return Settings(outputs, 1, learning_rate=0.001, schedule="constant", warm_up=0, clip=0, eval_interval=100)


# -- the forward pass alone, as for validation -----------------------------------------------------


def numpy_forward(H: int, B: int = 64, T: int = 64):
    from lstm_numpy import LSTMModel, Workspace

    rng = np.random.default_rng(0)
    model, workspace = LSTMModel(V, V, H, 1, DROPOUT, rng), Workspace()
    tokens = rng.integers(V, size=(B, T))

    def forward() -> None:
        model.forward(tokens, workspace=workspace)

    return forward


def pytorch_forward(H: int, B: int = 64, T: int = 64):
    torch = _torch()
    from torch_model import TorchModel

    network = TorchModel(V, V, H, 1, DROPOUT).eval()
    tokens = torch.randint(V, (B, T))

    def forward() -> None:
        with torch.no_grad():
            network(tokens)

    return forward


# -- the article's training loop: shuffled windows from a data set ---------------------------------


def _songs() -> list[list[str]]:
    """As many tokens as the corpus has, drawn at random: what they say does not matter here."""
    rng = np.random.default_rng(0)
    pitches = [str(pitch) for pitch in range(45, 45 + V - 3)]
    return [list(rng.choice(["_", "r", *pitches], size=150)) for _ in range(1700)]


def numpy_loop(H: int):
    """The loop of train.py on windows, as `--recipe article` runs it."""
    from dataclasses import replace
    from itertools import islice

    from encoding import ScoreDataset, StringToIntEncoder, WindowBatches
    from lstm_numpy import LSTMModel
    from lstm_numpy.training import Evaluation, Training

    songs = _songs()
    vocabulary = StringToIntEncoder(songs)
    data = ScoreDataset(songs, vocabulary, 64)
    batches = WindowBatches(data, np.arange(len(data)), 1, 64, "last")
    model = LSTMModel(len(vocabulary), len(vocabulary), H, 1, DROPOUT, np.random.default_rng(0))
    settings = replace(_settings("last"), epochs=1000)
    training = Training(model, settings, np.random.default_rng(1), np.random.default_rng(2))
    reports = training.run(batches, validate=lambda model: Evaluation(1.0, 1, 1))

    def some_batches() -> int:
        return len(list(islice(reports, BATCHES)))

    return some_batches


def pytorch_loop(H: int, loader: bool):
    """The article's loop, with its DataLoader or with windows cut out of one tensor."""
    torch = _torch()
    from torch.utils.data import DataLoader, Dataset
    from torch_model import TorchModel

    from encoding import ScoreDataset, StringToIntEncoder

    songs = _songs()
    data = ScoreDataset(songs, StringToIntEncoder(songs), 64)

    class Windows(Dataset):
        def __len__(self) -> int:
            return len(data)

        def __getitem__(self, index: int):
            window, target = data[index]
            return torch.tensor(window.astype(np.int64)), target

    network = TorchModel(V, V, H, 1, DROPOUT)
    optimizer, criterion = torch.optim.Adam(network.parameters()), torch.nn.CrossEntropyLoss()

    def from_loader():
        while True:
            yield from DataLoader(Windows(), batch_size=64, shuffle=True)

    def bare():
        while True:
            for indices in np.array_split(np.random.default_rng(0).permutation(len(data)), len(data) // 64):
                tokens, targets = data.batch(indices, "last")
                yield torch.from_numpy(tokens.astype(np.int64)), torch.from_numpy(targets.astype(np.int64))

    batches = from_loader() if loader else bare()

    def some_batches() -> int:
        for _ in range(BATCHES):
            tokens, targets = next(batches)
            optimizer.zero_grad()
            loss = criterion(network(tokens, outputs="last")[0], targets)
            loss.backward()
            optimizer.step()
            loss.item()
        return BATCHES

    return some_batches


# -- composing -------------------------------------------------------------------------------------

NEVER = -100.0  # the bias of TERM, so that all melodies have the same length


class _Numbers:
    """A vocabulary of numbers."""

    end, not_first = 0, (0,)

    def encode(self, symbol: str) -> int:
        return int(symbol)

    def decode(self, index: int) -> str:
        return str(index)


def numpy_melodies(H: int, melodies: int, length: int):
    """All melodies at once."""
    from lstm_numpy import LSTMModel, generate_many

    model = LSTMModel(V, V, H, 1, DROPOUT, np.random.default_rng(0))
    model.params["fc.bias"][0] = NEVER

    def compose() -> int:
        rngs = [np.random.default_rng([0, n]) for n in range(melodies)]
        composed = generate_many(model, _Numbers(), rngs, None, length)
        assert all(len(melody) == length for melody in composed)
        return melodies

    return compose


def pytorch_melody(H: int, length: int):
    """One melody, as in the article: the whole sequence is read again for each token."""
    torch = _torch()
    from torch_model import TorchModel

    network = TorchModel(V, V, H, 1, DROPOUT).eval()
    with torch.no_grad():
        network.fc.bias[0] = NEVER

    def compose() -> None:
        with torch.no_grad():
            tokens = torch.tensor([[0]])
            while tokens.shape[1] <= length:
                p = torch.softmax(network(tokens, outputs="last")[0], dim=1)
                tokens = torch.cat((tokens, torch.multinomial(p, 1)), dim=1)

    return compose
