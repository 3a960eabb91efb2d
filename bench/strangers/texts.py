"""Texts of the bench: seven sets of short texts with labels, from 700 rows to 12,000, none tuned by hand."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from bench.strangers.set import DATA, Set

SIX = {"2": "anger", "14": "fear", "17": "joy", "18": "love", "25": "sadness", "26": "surprise"}  # of goemotions


def texts() -> list[Set]:
    """Every set of texts, in the order of the report."""
    groups = {"dialogue-topics": "group"}
    return [Set(name, "text", "target", make, groups.get(name)) for name, make in MAKERS.items()]


def sst2() -> pd.DataFrame:
    """Sentences from film reviews, positive or negative."""
    names = ["text", "target"]
    parts = [
        pd.read_csv(DATA / "sst2" / f"{p}.tsv", sep="\t", names=names, quoting=3) for p in ("train", "dev", "test")
    ]
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(target=np.where(frame["target"] == 1, "positive", "negative"))


def sst2_small() -> pd.DataFrame:
    """Seven hundred of these sentences."""
    return sst2().sample(700, random_state=0)


def emotions() -> pd.DataFrame:
    """Comments with just one of six emotions."""
    names = ["text", "target", "id"]
    parts = [pd.read_csv(DATA / "goemotions" / f"{p}.tsv", sep="\t", names=names, quoting=3) for p in ("train", "dev")]
    frame = pd.concat(parts, ignore_index=True)[["text", "target"]]
    frame["target"] = frame["target"].astype(str).map(SIX)
    return frame.dropna()


def emotions_small() -> pd.DataFrame:
    """Nine hundred of these comments."""
    return emotions().sample(900, random_state=0)


def dialogue_topics() -> pd.DataFrame:
    """Which of four topics a turn of a conversation belongs to; whole conversations are held out."""
    lines = pd.read_json(DATA / "self-dialogue" / "dialogues.jsonl", lines=True).sample(600, random_state=0)
    rows = [
        (turn, topic, i) for i, (topic, turns) in enumerate(zip(lines["topic"], lines["turns"])) for turn in turns[2:7]
    ]
    return pd.DataFrame(rows, columns=["text", "target", "group"])


def languages() -> pd.DataFrame:
    """English, French or German, of very short sentences."""
    pairs = pd.read_csv(DATA / "tatoeba-eng-fra" / "eng-fra.txt", sep="\t", header=None, quoting=3)
    pairs = pairs.sample(500, random_state=0)
    german = pd.read_csv(DATA / "multi30k-en-de" / "val.de.gz", sep="\t", header=None, quoting=3)[0][:400]
    rows = [(text, language) for language, column in (("English", 0), ("French", 1)) for text in pairs[column]]
    rows += [(" ".join(text.split()[:4]), "German") for text in german]
    return pd.DataFrame(rows, columns=["text", "target"]).drop_duplicates("text")


def chat_categories() -> pd.DataFrame:
    """Which subject a question to a chat program belongs to."""
    frame = pd.read_csv(DATA / "chatterbot-english" / "pairs.tsv", sep="\t", quoting=3)
    frame = pd.DataFrame({"text": frame["prompt"], "target": frame["category"]}).dropna().drop_duplicates("text")
    counts = frame["target"].value_counts()
    return frame[frame["target"].isin(counts.index[counts >= 25])]


MAKERS: dict[str, Callable[[], pd.DataFrame]] = {
    make.__name__.replace("_", "-"): make
    for make in (sst2, sst2_small, emotions, emotions_small, dialogue_topics, languages, chat_categories)
}
