"""The bits of a double as an integer and back, inside numba code: an LLVM bitcast, which costs nothing."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic


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
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), cast
