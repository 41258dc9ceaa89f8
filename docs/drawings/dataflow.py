"""The cell as a flow of data, on pages 3 to 5: built up line by line, over three steps, and backward."""

from functools import partial

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch

from lstm_numpy.system import BLUE, GREEN, ORANGE, png

PURPLE, INK, PALE, LIT = "#8E4A9E", "#222222", "#F1F1F1", "#FFE9A8"
COLORS = {"f": ORANGE, "i": BLUE, "g": GREEN, "o": PURPLE}
PLACES = {"f": 2.6, "i": 4.0, "g": 5.4, "o": 6.8}  # where each gate stands, from left to right

Point = tuple[float, float]


def canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """An empty sheet whose units are a third of an inch in both directions."""
    figure = Figure(figsize=(width / 1.8, height / 1.8))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, width)
    axes.set_ylim(0, height)
    axes.axis("off")
    return figure, axes


def box(axes: Axes, middle: Point, size: Point, text: str, color: str = INK, fill: str = "white") -> None:
    (x, y), (width, height) = middle, size
    shape = FancyBboxPatch((x - width / 2 + 0.1, y - height / 2 + 0.1), width - 0.2, height - 0.2, fc=fill, ec=color,
                           lw=1.6, boxstyle="round,pad=0.1", zorder=3)  # fmt: skip
    axes.add_patch(shape)
    axes.text(x, y - 0.02, text, ha="center", va="center", fontsize=11, color=color, zorder=4)


def node(axes: Axes, middle: Point, text: str) -> None:
    """A round node: a product or a sum, element by element."""
    axes.add_patch(Circle(middle, 0.29, fc="white", ec=INK, lw=1.6, zorder=3))
    axes.text(*middle, text, ha="center", va="center", fontsize=12, zorder=4)


def flow(axes: Axes, *points: Point, color: str = INK, width: float = 1.8, style: str = "-") -> None:
    """A line through the points, with an arrow's head at the last."""
    axes.plot(*zip(*points[:-1], strict=True), color=color, lw=width, ls=style, solid_joinstyle="round", zorder=2)
    arrow = {"arrowstyle": "-|>", "color": color, "lw": width, "ls": style, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", points[-1], points[-2], arrowprops=arrow, zorder=2)


def label(axes: Axes, place: Point, text: str, color: str = INK, size: float = 12, **how) -> None:
    axes.text(*place, text, color=color, fontsize=size, zorder=5, **{"ha": "center", "va": "center", **how})


# -- forward, line by line ---------------------------------------------------------------------


def pre_activations(axes: Axes) -> None:
    box(axes, (4.7, 1.35), (5.9, 0.8), r"$W_{ih}\,x_t + b_{ih} + W_{hh}\,h_{t-1} + b_{hh}$", fill=PALE)
    flow(axes, (0.9, 1.35), (1.75, 1.35))
    flow(axes, (4.7, 0.45), (4.7, 0.95))
    label(axes, (0.45, 1.35), "$h_{t-1}$")
    label(axes, (4.7, 0.2), "$x_t$")
    for name, x in PLACES.items():
        box(axes, (x, 2.1), (1.2, 0.62), f"$z_{name}$", COLORS[name])


def gates(axes: Axes, ending: str = "figo") -> None:
    for name, x in PLACES.items():
        flow(axes, (x, 2.41), (x, 2.83), color=COLORS[name])
        box(axes, (x, 3.15), (1.2, 0.62), "tanh" if name == "g" else "σ", COLORS[name])
        if name in ending:
            flow(axes, (x, 3.46), (x, 3.95), color=COLORS[name])
        label(axes, (x + 0.3, 3.7), f"${name}_t$", COLORS[name])


def cell_state(axes: Axes) -> None:
    flow(axes, (2.6, 3.46), (2.6, 5.61), color=COLORS["f"])
    flow(axes, (4.0, 3.46), (4.0, 4.7), (4.41, 4.7), color=COLORS["i"])
    flow(axes, (5.4, 3.46), (5.4, 4.7), (4.99, 4.7), color=COLORS["g"])
    flow(axes, (4.7, 4.99), (4.7, 5.61))
    flow(axes, (0.9, 5.9), (2.31, 5.9), width=3)
    flow(axes, (2.89, 5.9), (4.41, 5.9), width=3)
    flow(axes, (4.99, 5.9), (9.2, 5.9), width=3)
    for place, text in (((2.6, 5.9), "⊙"), ((4.7, 4.7), "⊙"), ((4.7, 5.9), "+")):
        node(axes, place, text)
    label(axes, (0.45, 5.9), "$c_{t-1}$")
    label(axes, (9.5, 5.9), "$c_t$")


def hidden_state(axes: Axes) -> None:
    axes.plot(8.2, 5.9, "o", color=INK, ms=6)
    flow(axes, (8.2, 5.9), (8.2, 5.33))
    box(axes, (8.2, 5.0), (1.1, 0.62), "tanh")
    flow(axes, (8.2, 4.69), (8.2, 4.29))
    flow(axes, (6.8, 3.46), (6.8, 4.0), (7.91, 4.0), color=COLORS["o"])
    node(axes, (8.2, 4.0), "⊙")
    flow(axes, (8.49, 4.0), (9.2, 4.0))
    label(axes, (9.5, 4.0), "$h_t$")


# What each equation adds: how it is drawn, where (left, bottom, width, height), and how it is written.
LINES = (
    (pre_activations, (1.65, 0.85, 6.1, 1.65), [r"$z_t = W_{ih}\,x_t + b_{ih} + W_{hh}\,h_{t-1} + b_{hh}$"]),
    (gates, (1.9, 2.75, 5.6, 0.8),
     [r"$i_t = \sigma(z_i) \qquad\ f_t = \sigma(z_f)$", r"$g_t = \tanh(z_g) \quad o_t = \sigma(z_o)$"]),
    (cell_state, (2.15, 4.3, 3.0, 2.0), [r"$c_t = f_t \odot c_{t-1} + i_t \odot g_t$"]),
    (hidden_state, (7.55, 3.6, 1.3, 1.8), [r"$h_t = o_t \odot \tanh(c_t)$"]),
)  # fmt: skip
ENDING = {1: "", 2: "figo", 3: "o", 4: ""}  # gates that nothing takes up yet


def lit(axes: Axes, left: float, bottom: float, width: float, height: float) -> None:
    axes.add_patch(FancyBboxPatch((left, bottom), width, height, fc=LIT, ec="none", boxstyle="round,pad=0.1", zorder=1))


def cell_built_up(count: int) -> bytes:
    """Page 3: the cell as far as its first `count` equations go, the last of them lit."""
    figure, axes = canvas(16.2, 6.5)
    y = 5.4
    for number, (draw, place, equations) in enumerate(LINES, 1):
        height = 0.75 * len(equations)
        if number <= count:
            draw(axes, *([ENDING[count]] if draw is gates else []))
        if number == count:
            lit(axes, *place)
            lit(axes, 10.35, y - height + 0.45, 5.6, height - 0.1)
        for row, equation in enumerate(equations):
            shade = INK if number <= count else "#9A9A9A"
            label(axes, (10.4, y - 0.75 * row), equation, shade, 13, ha="left")
        y -= height + 0.45
    return png(figure)


CELL = {f"cell-{count}": partial(cell_built_up, count) for count in (1, 2, 3, 4)}


# -- over three steps --------------------------------------------------------------------------


def unrolled() -> bytes:
    """Page 5: one cell at three steps, with what is read, predicted and compared."""
    figure, axes = canvas(16.2, 7.2)
    read, comes = (".", "60", "_"), ("60", "_", "64")
    for t, x in enumerate((3.2, 8.1, 13.0), 1):
        before = x - 1.6
        flow(axes, (before - (1.7 if t > 1 else 0.9), 4.0), (before, 4.0), width=3)
        flow(axes, (before - (1.7 if t > 1 else 0.9), 3.1), (before, 3.1))
        label(axes, (before - 0.75 if t > 1 else 0.4, 4.32 if t > 1 else 4.0), f"$c_{t - 1}$")
        label(axes, (before - 0.75 if t > 1 else 0.4, 2.8 if t > 1 else 3.1), f"$h_{t - 1}$")
        box(axes, (x, 3.55), (3.2, 1.7), "", fill=PALE)
        label(axes, (x, 3.85), "cell", size=13)
        label(axes, (x, 3.35), r"$W_{ih}, W_{hh}, b_{ih}, b_{hh}$", size=11)
        flow(axes, (x, 1.75), (x, 2.7))
        label(axes, (x + 0.35, 2.2), f"$x_{t}$")
        box(axes, (x, 1.42), (1.9, 0.66), "embedding")
        flow(axes, (x, 0.72), (x, 1.09))
        label(axes, (x, 0.4), f"reads  {read[t - 1]}", family="monospace")
        flow(axes, (x, 4.4), (x, 5.08))
        label(axes, (x + 0.35, 4.72), f"$h_{t}$")
        box(axes, (x, 5.4), (3.2, 0.66), "linear, softmax")
        flow(axes, (x, 5.73), (x, 6.2))
        label(axes, (x, 6.55), rf"loss $-\log\, p\,($ {comes[t - 1]} $)$", size=12)
    flow(axes, (14.6, 4.0), (15.4, 4.0), width=3)
    flow(axes, (14.6, 3.1), (15.4, 3.1))
    label(axes, (15.75, 4.0), "$c_3$")
    label(axes, (15.75, 3.1), "$h_3$")
    return png(figure)


# -- backward ----------------------------------------------------------------------------------

BACK = (
    r"$do = dh \odot \tanh(c_t)$",
    r"$dc \leftarrow dc + dh \odot o_t \odot (1 - \tanh^2 c_t)$",
    r"$df = dc \odot c_{t-1}$",
    r"$di = dc \odot g_t$",
    r"$dg = dc \odot i_t$",
    r"$dc_{t-1} = dc \odot f_t$",
    r"$dz$: each of these times its slope",
    r"$dx = W_{ih}^\top\, dz$",
    r"$dh_{t-1} = W_{hh}^\top\, dz$",
    r"$dW_{ih} = dz\, x^\top$",
    r"$dW_{hh} = dz\, h_{t-1}^\top$",
    r"$db = dz$",
)


def mark(axes: Axes, place: Point, number: int, text: str, color: str = INK, size: float = 12) -> None:
    """A number in a circle, and a formula to its right."""
    axes.add_patch(Circle(place, 0.2, fc="white", ec=color, lw=1.1, zorder=5))
    label(axes, (place[0], place[1] - 0.015), str(number), color, 8.5, va="center_baseline")
    label(axes, (place[0] + 0.32, place[1]), text, color, size, ha="left", va="center_baseline")


def backward() -> bytes:
    """Page 4: the same graph with every arrow turned round, each gradient on its edge."""
    figure, axes = canvas(16.2, 6.9)
    back = partial(flow, axes)

    # the weights, the four blocks of z and the four functions, as before
    box(axes, (4.7, 1.35), (5.9, 0.8), "", fill=PALE)
    for number, x, text in ((10, 2.4, "$dW_{ih}$"), (11, 4.25, "$dW_{hh}$"), (12, 6.2, "$db$")):
        mark(axes, (x, 1.35), number, text)
    for name, x in PLACES.items():
        box(axes, (x, 2.1), (1.2, 0.62), f"$dz_{name}$", COLORS[name])
        box(axes, (x, 3.15), (1.2, 0.62), "tanh" if name == "g" else "σ", COLORS[name])
        back((x, 2.84), (x, 2.43), color=COLORS[name])
    mark(axes, (1.65, 2.15), 7, "")

    back((9.2, 5.9), (8.3, 5.9), width=3)
    back((9.2, 4.0), (8.49, 4.0))
    label(axes, (9.55, 5.9), "$dc$")
    label(axes, (9.55, 4.0), "$dh$")
    back((7.91, 4.0), (6.8, 4.0), (6.8, 3.48), color=COLORS["o"])
    mark(axes, (7.05, 4.27), 1, "$do$", COLORS["o"])
    back((8.2, 4.29), (8.2, 4.67))
    box(axes, (8.2, 5.0), (1.1, 0.62), "tanh")
    back((8.2, 5.31), (8.2, 5.8))
    axes.plot(8.2, 5.9, "o", color=INK, ms=6, zorder=4)
    back((8.2, 5.9), (4.99, 5.9), width=3)
    mark(axes, (5.8, 6.28), 2, "$dc$, both ways added")
    back((4.41, 5.9), (2.89, 5.9), width=3)
    back((4.7, 5.61), (4.7, 4.99))
    back((2.6, 5.61), (2.6, 3.48), color=COLORS["f"])
    mark(axes, (1.75, 4.6), 3, "$df$", COLORS["f"])
    back((4.41, 4.7), (4.0, 4.7), (4.0, 3.48), color=COLORS["i"])
    mark(axes, (3.2, 4.1), 4, "$di$", COLORS["i"])
    back((4.99, 4.7), (5.4, 4.7), (5.4, 3.48), color=COLORS["g"])
    mark(axes, (5.68, 4.6), 5, "$dg$", COLORS["g"])
    back((2.31, 5.9), (0.7, 5.9), width=3)
    mark(axes, (0.35, 6.28), 6, "$dc_{t-1}$")
    back((4.7, 0.95), (4.7, 0.5))
    mark(axes, (4.55, 0.25), 8, "$dx$")
    back((1.75, 1.35), (0.7, 1.35))
    mark(axes, (0.35, 1.72), 9, "$dh_{t-1}$")
    for place, text in (((2.6, 5.9), "⊙"), ((4.7, 4.7), "⊙"), ((4.7, 5.9), "+"), ((8.2, 4.0), "⊙")):
        node(axes, place, text)
    for row, equation in enumerate(BACK):
        mark(axes, (10.5, 6.4 - 0.545 * row), row + 1, equation)
    return png(figure)
