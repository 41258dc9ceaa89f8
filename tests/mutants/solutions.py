"""Right solutions of the exercises: the project's own, and the same in other styles."""

import ast
import inspect
import textwrap
from importlib import import_module

from lstm_numpy.gradcheck.exercises import EXERCISES
from lstm_numpy.gradcheck.exercises.judge import FOLDER

MODULES = {"lstm_cell": "cell", "lstm_through_time": "plain"}  # the others have the exercise's name


def function_in(text: str, name: str) -> ast.FunctionDef:
    """The function that an exercise asks for, in the text of a file."""
    nodes = ast.parse(text).body
    for part in EXERCISES[name].function.split("."):
        node = next(node for node in nodes if getattr(node, "name", "") == part)
        nodes = node.body
    return node


def own(name: str) -> str:
    """The text of an exercise's file with the project's function in place of the one with blanks."""
    function = import_module(f"lstm_numpy.{MODULES.get(name, name)}")
    for part in EXERCISES[name].function.split("."):
        function = getattr(function, part)
    return _with(name, inspect.getsource(function))


def in_style(name: str, body: str) -> str:
    """The text of an exercise's file whose function has another body (of Adam's step: of its loop)."""
    text = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    node = function_in(text, name)
    statements = node.body[1:]  # after the docstring
    if name == "adam":
        statements = statements[-1].body
    if name == "loss":
        statements = statements[statements.index(next(s for s in statements if "dlogits" in ast.unparse(s))) :]
    lines = text.splitlines()
    first, last = statements[0].lineno - 1, statements[-1].end_lineno
    indent = " " * statements[0].col_offset
    return "\n".join([*lines[:first], textwrap.indent(textwrap.dedent(body).strip("\n"), indent), *lines[last:], ""])


def _with(name: str, source: str) -> str:
    text = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    node, lines = function_in(text, name), text.splitlines()
    return "\n".join([*lines[: node.lineno - 1], source, *lines[node.end_lineno :], ""])


STYLES = {
    ("embedding", "loops"): """
        tokens, E = cache
        dE = np.zeros_like(E)
        for b, sequence in enumerate(tokens):
            for t, symbol in enumerate(sequence):
                dE[symbol] += dx[t, :, b]
        return dE
    """,
    ("embedding", "one-hot product"): """
        tokens, E = cache
        one_hot = np.eye(len(E))[tokens]
        return np.einsum("btv,tdb->vd", one_hot, dx)
    """,
    ("embedding", "row by row"): """
        tokens, E = cache
        columns = dx.transpose(2, 0, 1)
        return np.stack([columns[tokens == v].sum(axis=0) for v in range(E.shape[0])])
    """,
    ("embedding", "counted"): """
        tokens, E = cache
        rows = dx.transpose(2, 0, 1).reshape(tokens.size, -1)
        dE = np.zeros(E.shape)
        for d in range(E.shape[1]):
            dE[:, d] = np.bincount(tokens.ravel(), rows[:, d], minlength=len(E))
        return dE
    """,
    ("dropout", "an early return"): """
        if mask is None:
            return dy.copy()
        dx = dy.copy()
        dx *= mask
        return dx
    """,
    ("dropout", "where"): """
        return np.where(mask == 0, 0.0, dy * mask) if mask is not None else +dy
    """,
    ("linear", "einsum"): """
        x, W = cache
        dx = np.einsum("vh,...vb->...hb", W, dy)
        steps_dy, steps_x = (a.reshape(-1, *a.shape[-2:]) for a in (dy, x))
        dW = np.einsum("tvb,thb->vh", steps_dy, steps_x)
        db = np.einsum("tvb->v", steps_dy)
        return dx, dW, db
    """,
    ("linear", "loops"): """
        x, W = cache
        dW, db, dx = np.zeros(W.shape), np.zeros(len(W)), np.empty(x.shape)
        for step in np.ndindex(x.shape[:-2]):
            dx[step] = W.T @ dy[step]
            for b in range(x.shape[-1]):
                dW += np.outer(dy[step][:, b], x[step][:, b])
                db += dy[step][:, b]
        return dx, dW, db
    """,
    ("linear", "one product, other names"): """
        inputs, weights = cache
        V, H = weights.shape
        flat_dy = np.moveaxis(dy, -2, 0).reshape(V, -1)
        flat_x = np.moveaxis(inputs, -2, 0).reshape(H, -1)
        return np.matmul(weights.T, dy, out=out), np.dot(flat_dy, flat_x.T), flat_dy @ np.ones(flat_dy.shape[1])
    """,
    ("loss", "one-hot"): """
        onehot = np.eye(logits.shape[-1])[picked[..., 0]]
        dlogits = (np.exp(log_p) - onehot) * counted[..., None] / N
        return loss, dlogits
    """,
    ("loss", "an index for each axis"): """
        dlogits = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
        dlogits[(*np.indices(targets.shape), picked[..., 0])] -= 1
        dlogits[~counted] = 0
        dlogits /= N
        return float(loss), dlogits
    """,
    ("loss", "loops"): """
        dlogits = np.zeros(logits.shape)
        for place in zip(*np.nonzero(counted), strict=True):
            dlogits[place] = np.exp(log_p[place]) / N
            dlogits[place][targets[place]] -= 1 / N
        return loss, dlogits
    """,
    ("lstm_cell", "names used again"): """
        x, h_prev, c_prev, i, f, g, o, tanh_c, W_ih, W_hh = cache
        dc = dc + dh * o * (1 - tanh_c**2)
        do = dh * tanh_c * o * (1 - o)
        di = dc * g * i * (1 - i)
        df = dc * c_prev * f * (1 - f)
        dg = dc * i * (1 - g**2)
        dz = np.hstack((di, df, dg, do))
        dc *= f
        return np.dot(dz, W_ih), np.dot(dz, W_hh), dc, (dz.T @ x, dz.T @ h_prev, dz.sum(0), dz.sum(0))
    """,
    ("lstm_cell", "written into one array, transposed"): """
        x, h_prev, c_prev, i, f, g, o, tanh_c, W_ih, W_hh = cache
        B, H = dh.shape
        total = dc + dh * o - dh * o * np.square(tanh_c)
        dz = np.empty((4, H, B))
        np.multiply((total * g).T, d_sigmoid(i).T, out=dz[0])
        np.multiply((total * c_prev).T, d_sigmoid(f).T, out=dz[1])
        np.multiply((total * i).T, d_tanh(g).T, out=dz[2])
        np.multiply((dh * tanh_c).T, d_sigmoid(o).T, out=dz[3])
        dz = dz.reshape(4 * H, B)
        db = dz.sum(axis=1)
        return (W_ih.T @ dz).T, (W_hh.T @ dz).T, total * f, (dz @ x, dz @ h_prev, db, db.copy())
    """,
    ("lstm_cell", "loops over the batch, einsum"): """
        x, h_prev, c_prev, i, f, g, o, tanh_c, W_ih, W_hh = cache
        do = dh * tanh_c
        dc = dc + dh * o * d_tanh(tanh_c)
        df, di, dg, dc_prev = dc * c_prev, dc * g, dc * i, dc * f
        dz = np.stack([di * d_sigmoid(i), df * d_sigmoid(f), dg * d_tanh(g), do * d_sigmoid(o)], 1).reshape(len(x), -1)
        dx = np.einsum("bk,kd->bd", dz, W_ih)
        dh_prev = np.einsum("bk,kj->bj", dz, W_hh)
        dW_ih = sum(np.outer(a, b) for a, b in zip(dz, x, strict=True))
        dW_hh = sum(np.outer(a, b) for a, b in zip(dz, h_prev, strict=True))
        db = np.add.reduce(dz)
        return dx, dh_prev, dc_prev, (dW_ih, dW_hh, db, +db)
    """,
    ("lstm_through_time", "arrays made first"): """
        L, T = len(caches), len(caches[0])
        B, H = caches[0][0].h_prev.shape
        dh0, dc0 = np.zeros((2, L, B, H))
        if dstate is not None:
            dh0, dc0 = dstate[0].copy(), dstate[1].copy()
        if dout is None:
            dout = np.zeros((T, H, B))
        grads = [None] * L
        for k in range(L - 1, -1, -1):
            dx = [None] * T
            total = None
            for t in range(T - 1, -1, -1):
                dx_t, dh0[k], dc0[k], four = cell_backward(dh0[k] + dout[t].T, dc0[k], caches[k][t])
                dx[t] = dx_t.T
                total = four if total is None else tuple(map(np.add, total, four))
            dout, grads[k] = np.array(dx), tuple(total)
        return dout, (dh0, dc0), grads
    """,
    ("lstm_through_time", "added in place, from the end"): """
        results = []
        for k, steps in reversed(list(enumerate(caches))):
            dh, dc = (part[k] for part in dstate) if dstate else np.zeros((2, *steps[0].h_prev.shape))
            D, H = steps[0].x.shape[1], dh.shape[1]
            dx, layer_grads = [], [np.zeros((4 * H, *shape)) for shape in ((D,), (H,), (), ())]
            for t, cache in reversed(list(enumerate(steps))):
                dx_t, dh, dc, step_grads = cell_backward(dh if dout is None else dh + dout[t].T, dc, cache)
                dx.append(dx_t.T)
                for total, gradient in zip(layer_grads, step_grads):
                    total += gradient
            dout = np.stack(dx[::-1])
            results.append((dh, dc, tuple(layer_grads)))
        dh0, dc0, grads = zip(*results[::-1])
        return dout, (np.stack(dh0), np.stack(dc0)), list(grads)
    """,
    ("adam", "one line each"): """
        m, v = self.m[name], self.v[name]
        m[:] = self.betas[0] * m + (1 - self.betas[0]) * grads[name]
        v[:] = self.betas[1] * v + (1 - self.betas[1]) * grads[name] ** 2
        root = np.sqrt(v / (1 - beta2**self.t))
        param[...] = param - self.learning_rate * (m / (1 - beta1**self.t)) / (root + self.eps)
    """,
    ("adam", "the correction in the step size"): """
        g, m, v = grads[name], self.m[name], self.v[name]
        m += (1 - beta1) * (g - m)
        v += (1 - beta2) * (np.square(g) - v)
        root = np.sqrt(1 - beta2**self.t)
        size = self.learning_rate * root / (1 - beta1**self.t)
        param -= size * m / (np.sqrt(v) + self.eps * root)
    """,
    ("adam", "out="): """
        g, m, v = grads[name], self.m[name], self.v[name]
        np.multiply(m, beta1, out=m)
        np.add(m, (1 - beta1) * g, out=m)
        self.v[name] = beta2 * v + (1 - beta2) * g * g
        m_hat = np.divide(m, 1 - np.power(beta1, self.t))
        v_hat = self.v[name] / (1 - np.power(beta2, self.t))
        np.subtract(param, self.learning_rate * m_hat / (v_hat**0.5 + self.eps), out=param)
    """,
    ("adam", "number by number"): """
        g, m, v = grads[name], self.m[name], self.v[name]
        for place in np.ndindex(param.shape):
            m[place] = beta1 * m[place] + (1 - beta1) * g[place]
            v[place] = beta2 * v[place] + (1 - beta2) * g[place] ** 2
            m_hat, v_hat = m[place] / (1 - beta1**self.t), v[place] / (1 - beta2**self.t)
            param[place] -= self.learning_rate * m_hat / (v_hat**0.5 + self.eps)
    """,
}
