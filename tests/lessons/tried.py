"""Answers to exercises, judged in the tests' own process: what the process around them does is tested elsewhere."""

import torch  # noqa: F401 - as in the process of its own, it is there

from deepglass.course.judging import child, sandbox
from deepglass.course.judging.description import load
from deepglass.course.judging.judge import Verdict, judge


def tried(name: str, code: str, seed: int = 0) -> Verdict:
    """What is said of an answer."""
    return judge(load(name), code, seed, here)


def here(name: str, code: str, seed: int) -> sandbox.Outcome:
    """Run the code as the process of its own would."""
    news: list[dict] = []
    try:
        child.attempt(load(name), {"code": code, "seed": seed}, news.append)
    except BaseException as error:
        news.append({"error": child.words_for(error)})
    return sandbox.Outcome(news)
