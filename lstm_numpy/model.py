"""LSTMModel: embedding (and context) -> LSTM -> dropout -> linear, forward and backward.

Inside, arrays are (time, features, batch); what goes in and comes out is (batch, time, ...).
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from lstm_numpy import lstm as fast_lstm
from lstm_numpy import plain as plain_lstm
from lstm_numpy.checks import (
    cast,
    check_booleans,
    check_count,
    check_dtype,
    check_generator,
    check_integers,
    check_rate,
    check_shapes,
    unpacked,
)
from lstm_numpy.dropout import dropout_backward, dropout_forward
from lstm_numpy.inputs import InputCache, context_to_read, input_backward, input_forward
from lstm_numpy.linear import linear_backward, linear_forward
from lstm_numpy.parameters import CONTEXT, FIRST, arrays_for, initial_params, sizes_of, under_own_names
from lstm_numpy.workspace import Workspace

DROPOUTS = ("dropout", "embedding_dropout", "weight_dropout", "context_dropout")


class ModelCache(NamedTuple):
    """What each part of the forward pass left for its backward pass."""

    parameter_masks: dict[str, np.ndarray | None]
    inputs: InputCache
    lstm: list | fast_lstm.LSTMCache  # of the plain version, or the fast one
    ends: np.ndarray | None  # (T, B)
    mask: np.ndarray | None
    linear: tuple
    outputs: str
    workspace: Workspace
    forward_pass: int


class LSTMModel:
    """A recurrent network that predicts the next symbol of a sequence; `params` holds arrays under PyTorch's names.

    Args:
        vocab_size: V, the number of symbols.
        input_dim: D, the width of the embedding.
        hidden_dim: H, the width of the hidden state.
        layer_dim: L, the number of stacked LSTM layers.
        dropout: the share of the top layer's output that is dropped in training.
        rng: draws the initial parameters (see `parameters`).
        dtype: float32 to train, float64 or complex128 to check gradients.
        forget_bias: if given, the initial bias of the forget gates.
        embedding_dropout, weight_dropout: the shares of the elements of E and C and of every W_hh that are dropped
            in training, the same ones at all steps of a forward pass (DropConnect, Wan et al. 2013; for LSTMs,
            Merity et al. 2018).
        context_size: P, how many symbols of context there are; 0 is a network that is told the tokens alone.
        context_dropout: the share of the context symbols that are left out in training.
        plain: compute with the plain equations of `cell.py` instead of the fast layout.
        start_len: how many end symbols stand in front of each sequence in training; kept with the model so that
            generation begins alike.

    Raises:
        TypeError: if a size is no whole number, rng no generator or dtype another.
        ValueError: if a size or start_len is below 1 or a dropout is not in [0, 1).
    """

    def __init__(
        self,
        vocab_size: int,
        input_dim: int,
        hidden_dim: int,
        layer_dim: int,
        dropout: float,
        rng: np.random.Generator,
        dtype: np.dtype = np.float32,
        *,
        forget_bias: float | None = None,
        embedding_dropout: float = 0.0,
        weight_dropout: float = 0.0,
        context_size: int = 0,
        context_dropout: float = 0.0,
        plain: bool = False,
        start_len: int = 1,
    ):
        sizes = {"vocab_size": vocab_size, "input_dim": input_dim, "hidden_dim": hidden_dim, "layer_dim": layer_dim}
        for name, size in {**sizes, "start_len": start_len}.items():
            check_count(name, size, 1)
        check_count("context_size", context_size, 0)
        rates = dropout, embedding_dropout, weight_dropout, context_dropout
        for name, rate in zip(DROPOUTS, rates, strict=True):
            check_rate(name, rate)
        check_generator("rng", rng)
        check_dtype("dtype", np.dtype(dtype))
        self.vocab_size, self.input_dim, self.hidden_dim, self.layer_dim = sizes.values()
        self.dropout, self.embedding_dropout, self.weight_dropout, self.context_dropout = rates
        self.context_size, self.plain, self.start_len = context_size, plain, start_len
        self.params = initial_params(*sizes.values(), context_size, rng, np.dtype(dtype), forget_bias)

    @property
    def dtype(self) -> np.dtype:
        """The dtype of the parameters, and so of all that is computed."""
        return self.params["fc.bias"].dtype

    # -- forward and backward -------------------------------------------------------------

    def forward(
        self,
        tokens: np.ndarray,
        state: tuple[np.ndarray, np.ndarray] | None = None,
        outputs: str = "every",
        dropout_rng: np.random.Generator | None = None,
        workspace: Workspace | None = None,
        *,
        context: np.ndarray | None = None,
        ends: np.ndarray | None = None,
    ) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray], ModelCache]:
        """From tokens to the logits of the token that follows.

        Args:
            tokens: integers from 0 to V - 1, (B, T) with T at least 1.
            state: h and c before the first step, (L, B, H) each, cast to the model's dtype; None is zeros.
            outputs: 'last' for a prediction after the last step, 'every' after each step.
            dropout_rng: draws all dropout masks; without it there is no dropout.
            workspace: memory to use again (see `Workspace`); without it, later calls leave the cache alone.
            context: what is known at each step beside the token: K integers from 0 to P - 1, -1 for none, (B, T, K).
            ends: the steps after which the state is set to zero, (B, T), booleans: the next begins a new sequence.

        Returns:
            logits, (B, V) or (B, T, V); the state after the last step; the cache, which keeps the weights as they are.

        Raises:
            TypeError: if one of them is of another kind.
            ValueError: if outputs, a shape, a token or a context is invalid, or there is no context for a network
                that has learned with it.
        """
        if outputs not in ("last", "every"):
            raise ValueError(f"outputs must be 'last' or 'every', not {outputs!r}")
        check_integers("tokens (B, T)", tokens, 0, self.vocab_size - 1)
        check_generator("dropout_rng", dropout_rng, or_none=True)
        if ends is not None:
            check_booleans("ends (B, T)", ends, B=tokens.shape[0], T=tokens.shape[1])
            ends = ends.T.copy()
        context = context_to_read(context, self.context_size, tokens.shape, self.context_dropout, dropout_rng)
        state = self._state(state, len(tokens))
        workspace = workspace or Workspace()
        params, masks = self._thinned(dropout_rng)
        layers = self.layers(params)
        x, W, input_cache = input_forward(tokens, context, params[FIRST], params.get(CONTEXT), layers[0][0], self.plain)
        layers[0] = (W, *layers[0][1:])
        if self.plain:
            workspace.begin()
            out, state, lstm_cache = plain_lstm.lstm_forward(x, state, layers, ends)
        else:
            out, state, lstm_cache = fast_lstm.lstm_forward(x, state, layers, workspace, ends)
        if outputs == "last":
            out = out[-1]
        out, mask = dropout_forward(out, self.dropout, dropout_rng, workspace)
        logits, linear_cache = linear_forward(out, self.params["fc.weight"], self.params["fc.bias"])
        parts = masks, input_cache, lstm_cache, ends, mask, linear_cache
        return _batch_first(logits), state, ModelCache(*parts, outputs, workspace, workspace.forward_passes)

    def backward(
        self,
        dlogits: np.ndarray,
        cache: ModelCache,
        dstate: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> tuple[dict[str, np.ndarray], tuple[np.ndarray, np.ndarray]]:
        """From the gradient of the logits to the gradients of all parameters.

        Args:
            dlogits: gradient of the loss with respect to the logits, of their shape, cast to the model's dtype.
            cache: from `forward`.
            dstate: gradient with respect to the state after the last step, (L, B, H) each; None is zeros.

        Returns:
            The gradients, under the names of `params`, and that of the state before the first step, (L, B, H) each.

        Raises:
            RuntimeError: if the cache's workspace has been used again.
            TypeError: if dlogits or dstate are no arrays to compute with.
            ValueError: if they have another shape than what they are the gradients of.
        """
        cache.workspace.check(cache.forward_pass)
        out = cache.linear[0]
        check_shapes(
            "dlogits (B, ..., V)", dlogits, **{"B": out.shape[-1], "...": out.shape[:-2], "V": self.vocab_size}
        )
        dlogits = cast("dlogits", dlogits, self.dtype)
        if dstate is not None:
            dstate = self._state(dstate, len(dlogits), "dstate", "dh, dc")
        dout = cache.workspace.empty("dout", out.shape, out.dtype)
        dout, dW_fc, db_fc = linear_backward(_features_first(dlogits), cache.linear, out=dout)
        dout = dropout_backward(dout, cache.mask, out=dout)
        if cache.outputs == "last":
            # The last output of the top layer is its final h: no other step is asked for.
            dh, dc = dstate if dstate is not None else self._zero_state(dlogits.shape[0])
            dh = dh.copy()
            dh[-1] += dout.T
            dout, dstate = None, (dh, dc)

        if self.plain:
            dx, dstate0, layer_grads = plain_lstm.lstm_backward(dout, cache.lstm, dstate, cache.ends)
        else:
            dx, dstate0, layer_grads = fast_lstm.lstm_backward(dout, cache.lstm, dstate, cache.inputs.need_dx)
        dE, dC, dW_ih = input_backward(dx, layer_grads[0][0], cache.inputs)
        layer_grads[0] = (dW_ih, *layer_grads[0][1:])
        tables = [dE] if dC is None else [dE, dC]
        values = [*tables, *(gradient for layer in layer_grads for gradient in layer), dW_fc, db_fc]
        grads = dict(zip(self.params, values, strict=True))
        for name, mask in cache.parameter_masks.items():
            grads[name] = dropout_backward(grads[name], mask)
        return grads, dstate0

    # -- parameters -----------------------------------------------------------------------

    @property
    def num_parameters(self) -> int:
        """How many numbers are learned."""
        return sum(array.size for array in self.params.values())

    def summary(self) -> str:
        """A table of the parameters with their shapes and sizes."""
        width = max(map(len, self.params))
        lines = [f"{name:<{width}}  {array.shape!s:<12} {array.size:>9,}" for name, array in self.params.items()]
        return "\n".join([*lines, f"{'in all':<{width}}  {self.dtype!s:<12} {self.num_parameters:>9,}"])

    @classmethod
    def from_state_dict(
        cls, state_dict: Mapping[str, np.ndarray], dropout: float = 0.0, dtype: np.dtype | None = None
    ) -> "LSTMModel":
        """The model that a state dict, such as an opened .npz file, belongs to; its sizes are read off the arrays.

        The arrays do not tell the dropouts, which matter only for further training. The dtype is that of the arrays if
        none is given; float32 if that is none to compute with. For errors, see `load_state_dict`.
        """
        state_dict = under_own_names(state_dict)
        (*sizes, P), found = sizes_of(state_dict)
        dtype = found if dtype is None else dtype
        model = cls(*sizes, dropout, np.random.default_rng(0), dtype, context_size=P)
        model.load_state_dict(state_dict)
        return model

    def state_dict(self) -> dict[str, np.ndarray]:
        """Copies of the parameters under PyTorch's names."""
        return {name: array.copy() for name, array in self.params.items()}

    def load_state_dict(self, state_dict: Mapping[str, np.ndarray]) -> None:
        """Copy parameters into the model, cast to its dtype; a prefix such as `module.` before all names is left out.

        Raises:
            TypeError, ValueError: if it is no dict of these names, a shape differs or a value cannot be cast;
                nothing is then changed. The message names the parameter, what it is and what is wanted.
        """
        arrays = arrays_for(self.params, under_own_names(state_dict))
        for name, array in self.params.items():
            array[...] = arrays[name]

    def _thinned(self, rng: np.random.Generator | None) -> tuple[dict[str, np.ndarray], dict]:
        """The parameters with some elements of E, C and every W_hh dropped; the masks by name."""
        params, masks = dict(self.params), {}
        for name in params:
            if name in (FIRST, CONTEXT) or name.startswith("lstm.weight_hh"):
                rate = self.embedding_dropout if name in (FIRST, CONTEXT) else self.weight_dropout
                params[name], masks[name] = dropout_forward(params[name], rate, rng)
        return params, masks

    def layers(self, params: Mapping[str, np.ndarray]) -> list[plain_lstm.Weights]:
        """W_ih, W_hh, b_ih and b_hh of each LSTM layer, taken from such a dict as `params`."""
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        return [tuple(params[f"lstm.{name}_l{k}"] for name in names) for k in range(self.layer_dim)]

    # -- checks ---------------------------------------------------------------------------

    def _zero_state(self, B: int) -> tuple[np.ndarray, np.ndarray]:
        shape = (self.layer_dim, B, self.hidden_dim)
        return np.zeros(shape, self.dtype), np.zeros(shape, self.dtype)

    def _state(self, state: tuple | None, B: int, name: str = "state", parts: str = "h, c") -> plain_lstm.State:
        if state is None:
            return self._zero_state(B)
        h, c = unpacked(name, state, parts)
        wanted = "{} (L, B, H), {} (L, B, H)".format(*parts.split(", "))
        check_shapes(wanted, h, c, L=self.layer_dim, B=B, H=self.hidden_dim)
        return cast(name, h, self.dtype), cast(name, c, self.dtype)


def _batch_first(y: np.ndarray) -> np.ndarray:
    """(V, B) -> (B, V) or (T, V, B) -> (B, T, V), without copying."""
    return y.T if y.ndim == 2 else y.transpose(2, 0, 1)


def _features_first(y: np.ndarray) -> np.ndarray:
    """The way back."""
    return y.T if y.ndim == 2 else y.transpose(1, 2, 0)
