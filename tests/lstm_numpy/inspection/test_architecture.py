"""The picture of the network says what the model is."""

import numpy as np
import pytest

from lstm_numpy import LSTMModel
from lstm_numpy.inspection.architecture import Box, Flow, parts_of

V, D, H, B, T = 7, 3, 5, 2, 11  # all different, so that no axis passes for another


def model_of(layer_dim, **rates):
    return LSTMModel(V, D, H, layer_dim, 0.25, np.random.default_rng(0), **rates)


@pytest.mark.parametrize("outputs", ["last", "every"])
@pytest.mark.parametrize("layer_dim", [1, 2, 3])
def test_shapes_and_parameters(layer_dim, outputs):
    model = model_of(layer_dim)
    found = parts_of(model, B, T, outputs)
    sizes = {"B": B, "T": T, "V": V, "D": D, "H": H}
    flows = [part for part in found if isinstance(part, Flow)]
    boxes = [part for part in found if isinstance(part, Box)]
    for flow in flows:  # the letters and the shape say the same
        assert flow.shape == tuple(sizes[letter] for letter in flow.letters.strip("()").split(", "))
    steps = "T, " if outputs == "every" else ""
    end = [f"(B, {steps}{width})" for width in "HHVV"]
    assert [flow.letters for flow in flows] == ["(B, T)", "(B, T, D)", *["(B, T, H)"] * (layer_dim - 1), *end]
    assert len(boxes) == 4 + layer_dim
    shown = {name: shape for box in boxes for name, shape in box.params.items()}
    assert shown == {name: array.shape for name, array in model.params.items()}
    assert sum(len(box.params) for box in boxes) == len(shown)  # each in one box
    assert str((B, H)) in boxes[1].state
    assert not model.plain


def test_dropout_is_said_where_it_happens():
    said = [" ".join(part.notes) for part in parts_of(model_of(1), B, T) if isinstance(part, Box)]
    assert ["%" in notes for notes in said] == [False, False, True, False, False]
    model = model_of(1, embedding_dropout=0.1, weight_dropout=0.15)
    said = [" ".join(part.notes) for part in parts_of(model, B, T) if isinstance(part, Box)]
    for notes, rate in zip(said, ("10%", "15%", "25%"), strict=False):
        assert rate in notes


def test_the_model_is_left_as_it_was():
    model = model_of(2)
    before = model.state_dict()
    parts_of(model, B, T, "last")
    assert all(np.array_equal(before[name], array) for name, array in model.params.items())
