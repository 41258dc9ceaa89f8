"""The article's network in PyTorch, for the tests and the reference file."""

import torch


class TorchModel(torch.nn.Module):
    """Embedding, LSTM, dropout, linear, under the names that PyTorch gives them."""

    def __init__(self, vocab_size, input_dim, hidden_dim, layer_dim, dropout=0.0, context_size=0):
        super().__init__()
        self.embedding = torch.nn.Embedding(vocab_size, input_dim)
        if context_size:
            self.context = torch.nn.Embedding(context_size, input_dim)
        self.lstm = torch.nn.LSTM(input_dim, hidden_dim, layer_dim, batch_first=True)
        self.dropout = torch.nn.Dropout(dropout)
        self.fc = torch.nn.Linear(hidden_dim, vocab_size)

    def forward(self, tokens, state=None, outputs="every", context=None):
        x = self.embedding(tokens)
        if context is not None:
            x = x + (self.context(context.clamp(min=0)) * (context >= 0)[..., None]).sum(dim=2)
        out, state = self.lstm(x, state)
        return self.fc(self.dropout(out if outputs == "every" else out[:, -1, :])), state


def twin(model) -> TorchModel:
    """A TorchModel with the weights of an LSTMModel."""
    network = TorchModel(
        model.vocab_size, model.input_dim, model.hidden_dim, model.layer_dim, context_size=model.context_size
    )
    network.to(torch.from_numpy(model.params["fc.bias"]).dtype)
    network.load_state_dict({name: torch.from_numpy(array) for name, array in model.state_dict().items()})
    return network


def train_there(network: TorchModel, tokens, targets, learning_rate: float, max_norm: float):
    """The loss and the norm of the gradient at every step, as `trajectory.train_here`."""
    optimizer = torch.optim.Adam(network.parameters(), lr=learning_rate)
    losses, norms = [], []
    for x, y in zip(torch.from_numpy(tokens), torch.from_numpy(targets), strict=True):
        optimizer.zero_grad()
        logits, _ = network(x)
        loss = torch.nn.functional.cross_entropy(logits.transpose(1, 2), y, ignore_index=-1)
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(network.parameters(), max_norm).item())
        optimizer.step()
        losses.append(loss.item())
    return losses, norms
