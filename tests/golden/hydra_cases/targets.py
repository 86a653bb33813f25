"""What the instantiate cases build; the test has the same targets in TypeScript."""


class Point:
    def __init__(self, *args, **kwargs):
        self.args = args
        self.kwargs = kwargs

    @staticmethod
    def make(*args, **kwargs):
        return Point("made", *args, **kwargs)


class Strict:
    def __init__(self, a, b=2):
        self.args = ()
        self.kwargs = {"a": a, "b": b}


def collect(*args, **kwargs):
    return {"args": list(args), "kwargs": kwargs}


def fail(**kwargs):
    raise ValueError("boom")


VALUE = 5
