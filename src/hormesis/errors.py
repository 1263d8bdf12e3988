"""The one exception that users meet: what is wrong, and what to do about it."""

from __future__ import annotations


class HormesisError(Exception):
    """Something that the user can mend: a problem and its fix, in one message.

    Rooms raise it (or a subclass) for bad input only; a defect of ours surfaces as what it is.

    :param problem: what was found, with the path, column, value or name in question.
    :param fix: what to do about it, as an instruction.
    """

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(f"{problem}\n  Fix: {fix}")
        self.problem = problem
        self.fix = fix

    def __reduce__(self) -> tuple[type[HormesisError], tuple[str, str]]:
        return type(self), (self.problem, self.fix)  # it must survive the way back from a worker process
