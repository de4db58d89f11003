"""``python -m trainphys check``: is this installation right?"""

import argparse
import sys


def main(arguments: list[str] | None = None) -> int:
    """Print the self-check; 0 when all is right, else 1."""
    parser = argparse.ArgumentParser(prog="python -m trainphys", description="The book: python -m trainphys.book")
    check = parser.add_subparsers(dest="command", required=True).add_parser(
        "check", help="measure what is known in closed form, on this machine"
    )
    check.add_argument("--device", default="cpu", help="of torch: cpu, cuda, cuda:1")
    check.add_argument("--dtype", default="float32", choices=["float32", "float64"])
    given = parser.parse_args(arguments)

    import trainphys

    try:
        checks = trainphys.self_check(given.device, given.dtype)
    except ModuleNotFoundError as error:
        sys.exit(str(error))
    print(checks)
    failed = sum(not one.passed for one in checks)
    print(f"{len(checks)} checks on {given.device} in {given.dtype}: {f'{failed} FAILED' if failed else 'all right'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
