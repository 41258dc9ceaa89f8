"""An LSTM on one page: it reads twelve nursery tunes, learns what comes next, and makes tunes of its own.

    python docs/one_page.py               check the gradients, train, print three tunes (under a minute)
    python docs/one_page.py tune.wav      and write the first of them as sound

Needs NumPy and nothing else. The rest of the project is this program with all that it leaves out.
"""

import re
import sys
import wave
from itertools import pairwise

import numpy as np

# Each character lasts an eighth: a letter begins a note (c is the keynote, G A B lie below it),
# "_" holds it. All tunes are traditional, or their authors died long ago.
TUNES = """
c_d_e_c_c_d_e_c_e_f_g___e_f_g___gagfe_c_gagfe_c_c_G_c___c_G_c___                                  Brother John
c_c_g_g_a_a_g___f_f_e_e_d_d_c___g_g_f_f_e_e_d___g_g_f_f_e_e_d___c_c_g_g_a_a_g___f_f_e_e_d_d_c___  Twinkle, twinkle
e_d_c_d_e_e_e___d_d_d___e_g_g___e_d_c_d_e_e_e_e_d_d_e_d_c_______                                  Mary had a little lamb
g_e_e___f_d_d___c_d_e_f_g_g_g___g_e_e___f_d_d___c_e_g_g_c_______                                  Lightly row
c_d_e_f_g___g___a_a_a_a_g_______a_a_a_a_g_______f_f_f_f_e___e___d_d_d_d_c_______                  All my little ducks
c_c_c_d_e___d___c_e_d_d_c_______d_d_d_d_A___A___d_c_B_A_G_______c_c_c_d_e___d___c_e_d_d_c_______  Au clair de la lune
e_e_f_g_g_f_e_d_c_c_d_e_e__dd___e_e_f_g_g_f_e_d_c_c_d_e_d__cc___                                  Ode to Joy
e_d_c___e_d_c___ccccdddde_d_c___                                                                  Hot cross buns
g__ag_f_e_f_g___d_e_f___e_f_g___g__ag_f_e_f_g___d___g___e_c_____                                  London Bridge
e___e_d_c___c___d___d_f_e_d_c___g___g_f_e___e___d_c_d_e_c_______                                  Go tell Aunt Rhody
e_e_e___e_e_e___e_g_c__de_______f_f_f__ff_e_e_eeg_g_f_d_c_______                                  Jingle bells
c_c_d_e_c_e_d_G_c_c_d_e_c___B___c_c_d_e_f_e_d_c_B_G_A_B_c___c___                                  Yankee Doodle
"""
songs = [line.split()[0] for line in TUNES.strip().splitlines()]
symbols = "." + "".join(sorted(set("".join(songs))))  # "." stands before and behind every tune
V, D, H = len(symbols), 8, 64  # symbols, width of the embedding, hidden units


def integers(song: str) -> np.ndarray:
    return np.array([symbols.index(token) for token in f".{song}."])


def new_parameters(rng: np.random.Generator) -> dict[str, np.ndarray]:
    def uniform(*shape: int) -> np.ndarray:
        return rng.uniform(-1, 1, shape) / np.sqrt(H)

    b = np.concatenate([np.zeros(H), np.ones(H), np.zeros(2 * H)])  # i f g o: the forget gate begins open
    return {"E": rng.standard_normal((V, D)), "W_ih": uniform(4 * H, D), "W_hh": uniform(4 * H, H), "b": b,
            "W": uniform(V, H), "a": np.zeros(V)}  # fmt: skip


# -- one step of the LSTM: forward, and below it the chain rule from the last line to the first ------------


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * z))  # 1 / (1 + exp(-z)), without overflow


def cell_forward(p: dict, x: np.ndarray, h_prev: np.ndarray, c_prev: np.ndarray) -> tuple:
    z_i, z_f, z_g, z_o = np.split(p["W_ih"] @ x + p["W_hh"] @ h_prev + p["b"], 4)
    i, f, g, o = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_o)
    c = f * c_prev + i * g
    h = o * np.tanh(c)
    return h, c, (x, h_prev, c_prev, i, f, g, o, np.tanh(c))


def cell_backward(p: dict, dh: np.ndarray, dc: np.ndarray, cache: tuple, grads: dict) -> tuple:
    x, h_prev, c_prev, i, f, g, o, tanh_c = cache
    do = dh * tanh_c
    dc = dc + dh * o * (1 - tanh_c**2)  # c is felt in two ways: through h, and in the step after
    df, di, dg, dc_prev = dc * c_prev, dc * g, dc * i, dc * f
    dz = np.concatenate([di * i * (1 - i), df * f * (1 - f), dg * (1 - g**2), do * o * (1 - o)])
    grads["W_ih"] += np.outer(dz, x)  # the same weights at every step, so their gradients add up
    grads["W_hh"] += np.outer(dz, h_prev)
    grads["b"] += dz
    return p["W_ih"].T @ dz, p["W_hh"].T @ dz, dc_prev


# -- a whole tune: what is each next token worth, and how should each parameter change? ---------------------


def loss_and_caches(p: dict, tokens: np.ndarray) -> tuple:
    """The mean of -log p(next token), and what the way back needs."""
    h, c, loss, steps = np.zeros(H), np.zeros(H), 0, []
    for token, target in pairwise(tokens):
        h, c, cache = cell_forward(p, p["E"][token], h, c)
        logits = p["W"] @ h + p["a"]
        logits = logits - logits.real.max()  # changes no probability, and nothing overflows
        probabilities = np.exp(logits) / np.exp(logits).sum()
        loss = loss - np.log(probabilities[target]) / (len(tokens) - 1)
        steps.append((token, target, h, probabilities, cache))
    return loss, steps


def gradients(p: dict, steps: list) -> dict[str, np.ndarray]:
    grads = {name: np.zeros_like(array) for name, array in p.items()}
    dh, dc = np.zeros(H), np.zeros(H)
    for token, target, h, probabilities, cache in reversed(steps):
        dlogits = (probabilities - np.eye(V)[target]) / len(steps)  # what was expected minus what came
        grads["W"] += np.outer(dlogits, h)
        grads["a"] += dlogits
        dh = dh + p["W"].T @ dlogits  # from the output, and from the step after
        dx, dh, dc = cell_backward(p, dh, dc, cache, grads)
        grads["E"][token] += dx
    return grads


def check_gradients(p: dict, tokens: np.ndarray, rng: np.random.Generator) -> float:
    """The worst error of five elements of each gradient: Im loss(θ + ιδ) / δ is the derivative by θ."""
    grads, worst = gradients(p, loss_and_caches(p, tokens)[1]), 0.0
    for name, gradient in grads.items():
        for place in rng.integers(gradient.size, size=5):
            moved = {key: array.astype(complex) for key, array in p.items()}
            moved[name].flat[place] += 1e-30j
            numeric = loss_and_caches(moved, tokens)[0].imag / 1e-30
            worst = max(worst, abs(numeric - gradient.flat[place]) / np.abs(gradient).max())
    return float(worst)


# -- learning, and composing --------------------------------------------------------------------------------


def train(p: dict, rng: np.random.Generator, epochs: int = 80, rate: float = 0.005) -> None:
    """Adam, after each tune."""
    m, v, count = {k: 0 * p[k] for k in p}, {k: 0 * p[k] for k in p}, 0
    for epoch in range(1, epochs + 1):
        total = 0.0
        for song in rng.permutation(songs):
            loss, steps = loss_and_caches(p, integers(song))
            total, count = total + loss / len(songs), count + 1
            for name, g in gradients(p, steps).items():
                m[name] = 0.9 * m[name] + 0.1 * g
                v[name] = 0.999 * v[name] + 0.001 * g**2
                m_hat, v_hat = m[name] / (1 - 0.9**count), v[name] / (1 - 0.999**count)
                p[name] -= rate * m_hat / (np.sqrt(v_hat) + 1e-8)
        if epoch == 1 or epoch % 10 == 0:
            print(f"epoch {epoch:2}: loss {total:.3f} nats per token (to guess costs {np.log(V):.2f})", flush=True)


def compose(p: dict, rng: np.random.Generator, temperature: float = 0.8, longest: int = 96) -> str:
    h, c, token, tune = np.zeros(H), np.zeros(H), 0, ""
    while len(tune) < longest:
        h, c, _ = cell_forward(p, p["E"][token], h, c)
        logits = (p["W"] @ h + p["a"]) / temperature
        probabilities = np.exp(logits - logits.max())
        token = int(rng.choice(V, p=probabilities / probabilities.sum()))
        if token == 0:
            break
        tune += symbols[token]
    return tune


def write_wav(path: str, tune: str, rate: int = 22050) -> None:
    """The tune as sound: each note a sine that dies away."""
    semitones, sound = dict(zip("GABcdefga", (-5, -3, -1, 0, 2, 4, 5, 7, 9), strict=True)), []
    for note, holds in re.findall(r"([A-Za-z])(_*)", tune):
        t = np.arange(int(0.25 * rate * (1 + len(holds)))) / rate
        sound.append(np.sin(2 * np.pi * 523.25 * 2 ** (semitones[note] / 12) * t) * np.exp(-3 * t))
    with wave.open(path, "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", "none"))
        file.writeframes((20000 * np.concatenate(sound)).astype("<i2").tobytes())


def main() -> None:
    rng = np.random.default_rng(0)
    p = new_parameters(rng)
    print(f"worst error of the gradients: {check_gradients(p, integers(songs[7]), rng):.0e}")
    train(p, rng)
    tunes = [compose(p, rng) for _ in range(3)]
    for tune in tunes:
        bars = re.sub("(.{8})", r"\1 ", tune)
        longest = max(n for n in range(len(tune) + 1) for start in range(len(tune) + 1 - n)
                      if any(tune[start : start + n] in song for song in songs))  # fmt: skip
        print(f"{bars}\n    (its longest copied stretch: {longest} of {len(tune)} steps)")
    if sys.argv[1:]:
        write_wav(sys.argv[1], tunes[0])


if __name__ == "__main__":
    main()
