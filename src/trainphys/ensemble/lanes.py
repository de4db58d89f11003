"""What compiled loops over lanes (particles, runs) need to become good vector code.

The bits of a double as an integer and back cost nothing; a multiply-add with one rounding is one instruction where the
processor has it and a slow library call where it has not, with the same bits in both; and a function may ask for
vectors as wide as the machine has, where the compiler by itself would stop at 256 bits.
"""

from typing import Any

import numba as nb
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

DOUBLE = ir.DoubleType()


@intrinsic
def bits_of(typing_context: Any, x: Any) -> Any:
    """Double to the 64-bit integer with the same bits."""

    def cast(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), cast


@intrinsic
def float_of(typing_context: Any, x: Any) -> Any:
    """64-bit integer to the double with the same bits."""

    def cast(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], DOUBLE)

    return types.float64(types.int64), cast


@intrinsic
def fma(typing_context: Any, a: Any, b: Any, c: Any) -> Any:
    """a b + c, rounded once."""

    def call(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = ir.FunctionType(DOUBLE, [DOUBLE] * 3)
        return builder.call(builder.module.declare_intrinsic("llvm.fma", [DOUBLE], kind), arguments)

    return types.float64(types.float64, types.float64, types.float64), call


@intrinsic
def widest_vectors(typing_context: Any) -> Any:
    """Call it in a compiled function: its loops may use 512-bit vectors, if the processor has them."""

    def mark(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        # llvmlite's own add() knows enumerated attributes only; the set prints any text as it is
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')
        return context.get_dummy_value()

    return types.none(), mark


@nb.njit(error_model="numpy", nogil=True)
def write_row(x, row):  # type: ignore[no-untyped-def]
    """``row[:] = x``, for which numba would compile the text of its error, for seconds."""
    for i in range(x.size):
        row[i] = x[i]
