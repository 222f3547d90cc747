"""How much memory a server and its workers hold, looked at while they work."""

import threading
from pathlib import Path

SAMPLE_SECONDS = 0.02


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
