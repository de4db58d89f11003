r"""Every critical point of the loss: two solutions, two traps, four passes between them and the summit.

With $u_i=c_iw_i$ the loss is $u_1^2+u_2^2+b^2-\max(|p|,|b|)+\tfrac12$, $p=u_1-u_2$: a bowl minus a convex function
whose slope is one of four vectors. A point is critical when zero lies in the hull of the slopes that meet there.
"""

from dataclasses import dataclass
from typing import Literal

from trainphys.systems.input_scales import Scales, widths
from trainphys.xor.landscape import loss

Kind = Literal["solution", "trap", "pass", "summit"]


@dataclass(frozen=True, slots=True)
class CriticalPoint:
    """A point where no direction is downhill to first order, or where downhill pieces balance.

    Attributes:
        kind: ``solution`` (loss 0), ``trap`` (local minimum, loss 1/4), ``pass`` (lowest point of the ridge between a
            solution and a trap, loss 1/3) or ``summit`` (the origin, highest point of the ridge, loss 1/2).
        parameters: (w1, w2, b).
        loss: height.
    """

    kind: Kind
    parameters: tuple[float, float, float]
    loss: float


def critical_points(scales: Scales = (1.0, 1.0)) -> tuple[CriticalPoint, ...]:
    r"""All nine critical points, for any inputs $\pm c_1$, $\pm c_2$.

    In $(u_1,u_2,b)$: solutions $\pm(\tfrac12,-\tfrac12,0)$; traps $\pm(0,0,\tfrac12)$; passes
    $(\pm\tfrac16,\mp\tfrac16,\pm\tfrac13)$, all four signs; summit 0. The passes solve $2u=t\,\nabla p+(1-t)\nabla b$
    on $p=b$, which gives $t=\tfrac13$.

    >>> [(point.kind, round(point.loss, 12)) for point in critical_points()[::2]]
    [('solution', 0.0), ('trap', 0.25), ('pass', 0.333333333333), ('pass', 0.333333333333), ('summit', 0.5)]
    """
    c1, c2 = widths(scales)
    points: list[tuple[Kind, tuple[float, float, float]]] = [
        *(("solution", (s / 2, -s / 2, 0.0)) for s in (1, -1)),
        *(("trap", (0.0, 0.0, s / 2)) for s in (1, -1)),
        *(("pass", (s / 6, -s / 6, r / 3)) for s in (1, -1) for r in (1, -1)),
        ("summit", (0.0, 0.0, 0.0)),
    ]
    found = [(kind, (u1 / c1, u2 / c2, b)) for kind, (u1, u2, b) in points]
    return tuple(CriticalPoint(kind, at, float(loss(at, scales))) for kind, at in found)
