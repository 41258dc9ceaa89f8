"""The exercise on backpropagation through time: many steps and layers."""

import copy
from collections.abc import Callable

import numpy as np

from lstm_numpy.gradcheck import LSTMProblem, Sizes, complex_step
from lstm_numpy.gradcheck.exercises import trials
from lstm_numpy.gradcheck.exercises.trials import RETURNED, Exercise, Term, Trial, Values, calling, flat, leaves, tried
from lstm_numpy.plain import lstm_forward


def _trial(name: str, T: int, L: int, with_dout: bool, with_dstate: bool) -> Trial:
    problem = LSTMProblem(Sizes(D=4, H=2, L=L, B=3, T=T, seed=6), np.complex128)
    if L > 1 and not with_dstate:
        for array in problem.state:  # as at the beginning of a song
            array[...] = 0
    problem.R, problem.S = with_dout * problem.R, tuple(with_dstate * array for array in problem.S)
    x, h, c = (array.real for array in (problem.x, *problem.state))
    layers = [tuple(array.real for array in layer) for layer in problem.layers]
    dout = problem.R.real if with_dout else None
    dstate = (problem.S[0].real, problem.S[1].real) if with_dstate else None
    recorder = Recorder(T, dout, lstm_forward(x, (h, c), layers)[2], dstate)
    reference = _reference(problem, with_dout)
    if L > 1 and not (with_dout and with_dstate):  # what is wrong here is best named by the other trials
        reference = {RETURNED: reference[RETURNED]}
    return Trial(name, recorder.prepare, recorder.see, reference)


class Recorder:
    """Listens to what the learner's function passes to cell_backward."""

    def __init__(self, T: int, *arguments: object):
        self.T, self.arguments, self.calls = T, arguments, []

    def prepare(self, names: dict) -> tuple[Callable, tuple]:
        self.calls = []
        cell_backward = getattr(names["cell_backward"], "unrecorded", names["cell_backward"])

        def recorded(dh: np.ndarray, dc: np.ndarray, cache: tuple) -> tuple:
            self.calls.append(trials.copied((dh, dc)))
            return cell_backward(dh, dc, cache)

        recorded.unrecorded = cell_backward
        names["cell_backward"] = recorded
        return calling("lstm_backward", *self.arguments)(names)

    def see(self, seen: dict, result: object) -> dict:
        values, dout = {}, self.arguments[0]
        # If cell_backward has never been called, they are what would have been passed to it.
        calls = self.calls or [(seen.get("dh", ...), seen.get("dc", ...))]
        values["dh"] = dh = calls[0][0]
        values[EARLIER] = stacked(calls)
        if len(calls[:: self.T]) == len(self.arguments[1]):
            # Each layer's first dc comes from dstate alone; its first dh has the output added to it.
            values[START] = stacked([dc for _, dc in calls[:: self.T]] if dout is not None else [dh, calls[0][1]])
        if len(seen.get("dh0", ())) and len(seen.get("dc0", ())):
            values[ONE_STEP] = stacked([seen["dh0"][-1], seen["dc0"][-1]])  # the top layer's: it comes first
        if seen.get("grads"):
            values["layer_grads"] = stacked(seen["grads"][-1])
        if isinstance(result, tuple):
            values["dout"] = result[0]
        return values


def stacked(arrays: object) -> object:
    """All numbers of nested lists of arrays, or ... if one is blank."""
    parts = list(leaves(arrays))
    if not parts:
        return np.empty(0)
    return flat(*parts) if all(isinstance(part, np.ndarray) for part in parts) else ...


def _reference(problem: LSTMProblem, with_dout: bool) -> Values:
    (T, _, _), L = problem.x.shape, len(problem.layers)
    gradient = {name: complex_step(problem, name) for name in problem.point}
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    weights = [[gradient[f"{name}_l{k}"] for name in names] for k in range(L)]
    states = [gradient[f"{name}0_l{k}"] for name in "hc" for k in range(L)]
    S_h, S_c = (array.real for array in problem.S)
    dh = problem.R[-1].T.real + S_h[-1]
    values = {
        START: flat(S_c[::-1]) if with_dout else flat(dh, S_c),
        "dh": dh,
        "layer_grads": flat(*weights[-1]),
        "dout": gradient["x"],
        RETURNED: (gradient["x"], (np.stack(states[:L]), np.stack(states[L:])), tuple(map(tuple, weights))),
    }
    if T == 1:
        values[ONE_STEP] = flat(*states)
    elif L == 1:
        values[EARLIER] = flat(dh, S_c[0], *(array for t in reversed(range(T - 1)) for array in _at_step(problem, t)))
    return values


def _at_step(problem: LSTMProblem, t: int) -> tuple[np.ndarray, np.ndarray]:
    """How the loss depends on h_t, by the output and the steps after, and on c_t, by the steps after."""
    rest = copy.copy(problem)
    rest.state = lstm_forward(problem.x[: t + 1], problem.state, problem.layers)[1]
    rest.x, rest.R = problem.x[t + 1 :], problem.R[t + 1 :]
    rest.point = dict(zip("hc", rest.state, strict=True))
    return problem.R[t].T.real + complex_step(rest, "h")[0], complex_step(rest, "c")[0]


START, ONE_STEP, EARLIER = "dh, dc (start)", "cell_backward", "earlier steps"

LSTM_THROUGH_TIME = Exercise(
    "backpropagation through time: steps, layers and shared weights", "lstm_backward",
    (
        Term(START, "Before the last step, dh and dc of layer k are dstate[0][k] and dstate[1][k]; zeros of their "
             "shape if dstate is None.", blank="dh, dc",
             clues={"one step": "It is right for a single layer: each layer has its own, so index it with k."}),
        Term("dh", "h_t is an output and goes into step t + 1: dout[t].T is added to the dh that came from "
             "there, and does not replace it.", (START,),
             clues={"one step, dstate is None": "The dh from the step after is lost."}),
        Term(ONE_STEP, "cell_backward takes dh, dc and the cache of step t, and gives dx, dh_prev, dc_prev and the "
             "four gradients, in the order of the names on the left; dh_prev and dc_prev are dh and dc of the step "
             "before.", (START, "dh"), "dx_t, dh, dc, step_grads"),
        Term(EARLIER, "The last step is right and one before it is not: dh and dc that cell_backward gave are those of "
             "the step before, dout[t] has to be that of the same step, and nothing may be reset inside the loop.",
             (ONE_STEP,), "dh"),
        Term("layer_grads", "A list of four: each total plus this step's gradient; at the last step, which comes "
             "first, it is 0.", (ONE_STEP, EARLIER),
             clues={"one step": f"It goes wrong with the steps: {trials.OVER_STEPS}"}),
        Term("dout", "The arrays in dx as one, in the order of the steps: what this layer took in, the layer below has "
             "put out.", (ONE_STEP, EARLIER)),
        Term(RETURNED, "dout, (dh0, dc0) and grads, each with the lowest layer first.", ("layer_grads", "dout"),
             clues={"three layers": "It is right if all is given. Where dout or dstate is None, the layers below the "
                    "top still get a gradient from above."}),
    ),
    tried(_trial, {
        "one step, dout is None": (1, 1, False, True), "one step, dstate is None": (1, 1, True, False),
        "one step": (1, 1, True, True), "four steps": (4, 1, True, True), "three layers": (2, 3, True, True),
        "two layers, dout is None": (2, 2, False, True), "two layers, dstate is None": (2, 2, True, False),
    }),
)  # fmt: skip
