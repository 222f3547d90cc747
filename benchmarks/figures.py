"""What a benchmark finds, beside what it may find."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    name: str
    value: float
    limit: float
    unit: str = ""
    is_minimum: bool = False

    @property
    def is_within(self) -> bool:
        return self.value >= self.limit if self.is_minimum else self.value <= self.limit

    def __str__(self) -> str:
        bound = "at least" if self.is_minimum else "at most"
        verdict = "within" if self.is_within else "BEYOND"
        return f"{self.name:<50}{self.value:>8.4g} {self.unit:<4} {bound} {self.limit:g}: {verdict}"


def reported(*figures: Figure) -> list[Figure]:
    for figure in figures:
        print(figure, flush=True)
    return list(figures)
