"""How large Adam's steps are in the course of a training."""

import math

SCHEDULES = ("constant", "cosine")


def learning_rate_at(peak: float, schedule: str, warm_up: float, progress: float) -> float:
    """The learning rate at one place of a training.

        rate = peak · min(1, progress / warm_up) · s(progress)

    s is 1 for 'constant' and ½(1 + cos(π · progress)) for 'cosine' (Loshchilov & Hutter 2017): large steps at first, to
    get far, and ever smaller ones, to settle. Adam's averages know little in the first steps; to warm up, over a share
    of the training (0 for none), keeps these small. `progress` is the share that is done. ValueError for another
    schedule.
    """
    if schedule not in SCHEDULES:
        raise ValueError(f"schedule must be one of {', '.join(SCHEDULES)}, not {schedule!r}")
    rate = peak * min(1.0, progress / warm_up) if warm_up else peak
    return rate * 0.5 * (1 + math.cos(math.pi * progress)) if schedule == "cosine" else rate
