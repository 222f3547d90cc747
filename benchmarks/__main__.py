"""`python -m benchmarks [NAME…]`: all of them, or those; 1 if a figure is beyond its limit."""

import argparse
import sys

from benchmarks import classroom, export, listing, pages, reads, resumable, stalls, upload

BENCHMARKS = {
    "reads": reads.measure,
    "classroom": classroom.measure,
    "upload": upload.measure,
    "stalls": stalls.measure,
    "resumable": resumable.measure,
    "listing": listing.measure,
    "export": export.measure,
    "pages": pages.measure,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    names = parser.parse_args().names or list(BENCHMARKS)
    if unknown := set(names) - set(BENCHMARKS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    figures = [figure for name in names for figure in BENCHMARKS[name]()]
    return 0 if all(figure.is_within for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
