"""The law for the efficiency of a batch, as a form to be fitted."""

from trainphys.laws.batch_size import sample_efficiency
from trainphys.tools.batch_size.fit import Law

KNEE = Law(
    "efficiency, limits known",
    ("sharpness",),
    lambda a, x: sample_efficiency(a, 1.0, x[0]),
    lambda a, v: [(1.5,)],
)
