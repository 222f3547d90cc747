"""How much memory a server and its workers hold, looked at while they work."""

import os
import threading
from pathlib import Path

SAMPLE_SECONDS = 0.02
WARM_BYTES = 2 * 1024**3


def warm_memory() -> None:
    """Touches as much free memory as a measurement needs.

    What a virtual machine has left alone for some seconds is taken back by its host, and fetching
    it again takes whoever touches it first several times as long: with cold memory an upload cost
    the server half as much again of the processor (measured). It is done once before a series;
    between the rounds of one, it disturbs more than it mends (measured too).
    """
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    bytearray(min(WARM_BYTES, free // 2))


class MemoryWatch:
    """`growth`: the most that the processes held in the meantime, over what they began with."""

    def __init__(self, master: int) -> None:
        self._processes = [master, *_children(master)]
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look_again_and_again)

    def __enter__(self) -> "MemoryWatch":
        self._before = self._most = self._held()
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def growth(self) -> int:
        """Bytes."""
        return self._most - self._before

    def _look_again_and_again(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            self._most = max(self._most, self._held())

    def _held(self) -> int:
        return sum(_proportional_set_size(process) for process in self._processes)


def _children(process: int) -> list[int]:
    return [
        int(child)
        for thread in Path(f"/proc/{process}/task").iterdir()
        for child in (thread / "children").read_text().split()
    ]


def _proportional_set_size(process: int) -> int:
    """Bytes in memory, those that several processes share divided among them."""
    summary = Path(f"/proc/{process}/smaps_rollup").read_text()
    return int(summary.split("\nPss:")[1].split()[0]) * 1024
