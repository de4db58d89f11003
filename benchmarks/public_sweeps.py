"""Batch-size sweeps that others published, run by run, transcribed; as rows for ``operating_point``.

CIFAR-100 (ShuffleNet v2, Adadelta at one learning rate) and LibriSpeech (DeepSpeech2, AdamW): epochs to a target for
each run, seconds of an epoch and average watts on a V100 with its power limit of 250 W. Source: You, Chung, Chowdhury,
Zeus (NSDI 2023), github.com/ml-energy/zeus, ``examples/research_reproducibility/zeus_nsdi23/trace``:
``summary_train.csv`` and ``summary_power_v100.csv``.

ImageNet (ResNet-50, LARS, tuned at each size): epochs to the target of the reference convergence points of MLPerf
Training 4.0. Source: github.com/mlcommons/logging, ``mlperf_logging/rcp_checker/training_4.0.0/rcps_resnet.json``.

Epochs are whole numbers, because the target is looked for at the end of an epoch. Infinity is a run that was cut off.
"""

import math
from dataclasses import dataclass

CUT = math.inf


@dataclass(frozen=True)
class Published:
    """A batch size: its learning rate, the epochs of its runs, and what an epoch took where that is known."""

    batch_size: int
    learning_rate: float
    epochs: tuple[float, ...]
    seconds: float = math.nan
    watts: float = math.nan


CIFAR_55 = (
    Published(8, 0.1, (19, 23, 22, 22), 240.31, 39.093),
    Published(16, 0.1, (11, 11, 11, 11, 11), 125.90, 42.025),
    Published(32, 0.1, (10, 10, 11, 10, 10), 63.707, 52.002),
    Published(64, 0.1, (12, 12, 11, 12, 12), 33.213, 88.734),
    Published(128, 0.1, (12, 13, 14, 12, 13), 17.15, 123.091),
    Published(256, 0.1, (21, 20, 21, 18, 21), 10.057, 178.307),
    Published(512, 0.1, (24, 23, 20, 21, 23), 8.277, 195.883),
    Published(1024, 0.1, (29, 33, 34, 29, 28, 30, 32, 31, 33, 32), 7.613, 187.690),
    Published(2048, 0.1, (73, 73, 70, 59, 72), 7.69, 178.795),
    Published(4096, 0.1, (131, 148, 150, 156, 140), 8.367, 171.292),
)
CIFAR_60 = (
    Published(8, 0.1, (37, 38, 45, 42), 240.31, 39.093),
    Published(16, 0.1, (18, 18, 21, 19, 19), 125.90, 42.025),
    Published(32, 0.1, (16, 15, 17, 17, 18), 63.707, 52.002),
    Published(64, 0.1, (19, 21, 17, 17, 18), 33.213, 88.734),
    Published(128, 0.1, (18, 22, 19, 19, 20), 17.15, 123.091),
    Published(256, 0.1, (40, 31, 26, 30, 28), 10.057, 178.307),
    Published(512, 0.1, (49, 43, 40, 41, 42), 8.277, 195.883),
    Published(1024, 0.1, (74, 80, 71, 70, 80, 77, 97, 77, 90, 71), 7.613, 187.690),
    Published(2048, 0.1, (191, 276, 151, 168, 234), 7.69, 178.795),
    Published(4096, 0.1, (566, 456, 498, CUT, 421), 8.367, 171.292),
)
LIBRISPEECH = (
    Published(2, 2.65e-5, (7, 7), 42637.58, 155.623),
    Published(4, 3.75e-5, (7, 6, 6, 7), 24265.51, 152.897),
    Published(8, 5.30e-5, (6, 7, 7, 6), 13682.15, 164.816),
    Published(12, 6.50e-5, (7, 6, 7, 6, 6), 10059.13, 170.679),
    Published(16, 7.50e-5, (7, 7, 6, 7), 8345.57, 170.008),
    Published(24, 9.19e-5, (7, 7, 7, 7, 7), 6813.84, 197.609),
    Published(32, 1.06e-4, (7, 7, 7, 7, 7), 5888.39, 204.586),
    Published(48, 1.30e-4, (7, 8, 8, 7, 7), 5403.92, 195.381),
    Published(56, 1.40e-4, (8, 7, 8, 7, 8), 5375.03, 192.637),
    Published(64, 1.50e-4, (8, 8, 7, 8, 8), 5653.96, 191.133),
    Published(72, 1.59e-4, (8, 8, 8, 8, 8), 5555.00, 187.220),
    Published(96, 1.84e-4, (8, 8, 8, 9, 8), 5557.48, 175.467),
    Published(128, 2.12e-4, (9, 9, 10, 10, 9), 5710.52, 167.224),
    Published(156, 2.34e-4, (9, 9, 9, 9, 10), 5982.29, 162.365),
    Published(192, 2.60e-4, (10, 9, 9, 10, 10), 6181.63, 160.559),
    Published(256, 3.00e-4, (14, 12)),
    Published(512, 4.24e-4, (CUT, CUT, CUT)),
)
RESNET = (
    Published(1632, 7.4, (34, 34, 34, 35, 35, 37, 35, 35, 33, 35, 35, 37, 37, 35, 35, 34, 35)),
    Published(3264, 10.5, (36, 35, 34, 34, 36, 35, 35, 35, 35, 37, 35, 35, 35, 36, 35)),
    Published(4096, 10.0, (39, 42, 40, 41, 39, 40, 41, 39, 40, 39)),
    Published(8192, 17.0, (42, 44, 43, 41, 41, 41, 42, 42, 43, 41)),
    Published(13056, 12.8, (46, 46, 44, 46, 45, 46, 45, 45, 45, 46)),
    Published(32768, 21.2, (56, 56, 55, 56, 56, 56, 56, 56, 57, 56)),
    Published(49152, 19.405, (68, 68, 68, 68, 69, 68, 68, 67, 69, 67)),
    Published(58880, 23.246, (80, 81, 80, 78, 80, 80, 81, 79, 80, 80)),
    Published(65536, 24.699, (83, 85, 84, 86, 85, 85, 83, 84, 85, 85)),
    Published(67840, 24.699, (86, 87, 86, 87, 86, 85, 86, 86, 86, 85, 86, 86, 86, 86,
                              86, 85, 86, 86, 87, 85, 85, 86, 85, 87, 86, 85, 85, 86)),
)  # fmt: skip
# Samples of an epoch. For LibriSpeech they are not in the source; they only set the unit of the updates.
SWEEPS = {
    "CIFAR-100 to 55 %": (CIFAR_55, 50_000),
    "CIFAR-100 to 60 %": (CIFAR_60, 50_000),
    "LibriSpeech to 40 % of words wrong": (LIBRISPEECH, 100_000),
    "ImageNet, MLPerf": (RESNET, 1_281_167),
}


def rows(name: str) -> list[dict[str, float]]:
    """One row a run, with the columns of ``operating_point``; seconds and joules are those of the run."""
    published, samples = SWEEPS[name]
    return [
        {
            "batch_size": size.batch_size,
            "learning_rate": size.learning_rate,
            "steps": epochs * samples / size.batch_size,
            "time_s": epochs * size.seconds,
            "energy_J": epochs * size.seconds * size.watts,
        }
        for size in published
        for epochs in size.epochs
    ]
