"""A run with all its verbs, those included that look inside it or carry it elsewhere.

run = dg.load("runs/iris")
run.predict("new.csv")
run.export("model.onnx")
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from deepglass.core.console import console
from deepglass.runs import run as runs

if TYPE_CHECKING:
    import numpy as np

    from deepglass.audit import Section
    from deepglass.diagnosis import Diagnosis
    from deepglass.explain import Explanation
    from deepglass.runs.chatting import Chat
    from deepglass.runs.codes import Codes
    from deepglass.see.notebook import Seen


class Run(runs.Run):
    """A trained model with everything that belongs to it, and every verb that can be asked of it.

    Args:
        path: The run folder.
        device: Where to predict; "auto" takes a GPU where there is one.

    Raises:
        RunError: If the folder is not a run.
    """

    ACTS: ClassVar[bool] = False  # whether it acts in an environment, and is judged there

    def trace(self, inputs: Any, backward: bool = False) -> dict[str, Any]:
        """One input on its way through the network, layer by layer and operation by operation (on the glass engine).

        Args:
            inputs: As for `predict`; the first row, picture, text or window is taken.
            backward: Also the gradients of the loss.

        Returns:
            Plain data: `trace["steps"]` holds one record per layer and operation, in the order of the computation.
        """
        from deepglass.explain.trace import trace

        with self.folder.explaining():
            return trace(self, inputs, backward)

    def explain(
        self,
        inputs: Any = None,
        method: str | None = None,
        *,
        row: int | None = None,
        about: str | None = None,
        data: Any = None,
        out: str | Path | None = None,
        quality: bool = True,
        **settings: Any,
    ) -> "Explanation":
        """Why the run answers as it does: an answer in parts, and how far that can be trusted.

        Args:
            inputs: As for `predict`; the test examples of the training by default.
            method: Such as "shapley" or "grad-cam" (`deepglass explain --help` lists them); by default one that suits.
            row: Which of the examples, from 1. Without inputs and row, a table is explained as a whole.
            about: The class or label that is explained, or a step ahead such as "sales +1"; the answer by default.
            data: Where the data of the training are now, if not where they were.
            out: A page to write, with the pictures.
            quality: Whether it is measured how far the answer can be trusted; that costs more than most methods.
            settings: Of the method: samples, seed, count, column, want, layer, concept; `against`, another method to
                compare with; `base`, what a hidden part becomes: "mean", "zeros", "blur", "row:3" or a file, as the
                input allows.

        Returns:
            `parts` with their contributions, `score` and `base`, `figures`, `map` of a picture, `curves`, `examples`,
            `quality` and `notes`.

        Raises:
            OptionError: If method, row, class or a setting do not fit; says what would.
            DataError: If the input does not fit what the run was trained on.
        """
        from deepglass.explain.explaining import explain, settings_of
        from deepglass.explain.page import write_page

        with self.folder.explaining():
            found, guesses = explain(
                self,
                inputs,
                method=method,
                row=row,
                about=about,
                data=data,
                settings=settings_of(settings),
                measures=quality,
            )
        console.guesses(guesses)
        if out is not None:
            write_page(Path(out), self, found)
        return found

    def audit(
        self,
        other: Any = None,
        *,
        only: Any = None,
        data: Any = None,
        out: str | Path | None = None,
        **settings: Any,
    ) -> list["Section"]:
        """Is it fair, private, robust and reliable? Writes audit.json, a page, and the model card anew.

        Args:
            other: Other labelled data to audit on; the test examples of the training by default.
            only: A part or several, such as "fairness"; all by default.
            data: Where the data of the training are now, if not where they were.
            out: Where the page goes; audit.html in the run folder by default.
            settings: Of the parts: group_columns, positive, seed, budget, rows.

        Returns:
            One section per part: `lead`, `numbers` with intervals, `tables`, `warnings`, `method`, or why it is
            `left_out`.

        Raises:
            OptionError: If a part or a setting is unknown or has no effect.
            DataError: If the data do not fit what the run was trained on.
        """
        from deepglass.audit.auditing import audit, settings_of
        from deepglass.audit.page import write
        from deepglass.evaluate import card

        only = [only] if isinstance(only, str) else only
        with self.folder.explaining():
            asked = settings_of(settings)
            sections, guesses = audit(self, other, only=only, data=data, settings=asked)
            console.guesses(guesses)
            write(self, sections, None if out is None else Path(out))
            card.write_card(self.folder)
        return sections

    def see(self, *panels: str, data: Any = None, **asked: Any) -> "Seen":
        """The run, seen: learning curves, layers, feature maps, attention, a map, the valley; shown by a notebook.

        Args:
            panels: Names of panels, such as "curves" or "valley"; all if none is named.
            data: Where the data of the training are now, if not where they were.
            asked: Of a panel: `input` of your own, `row` (from 1), `columns` (one or two), `layer`.

        Returns:
            By name of a panel what it shows: `say`, `html`, `facts`, and whether it `fits` the run.

        Raises:
            OptionError: If there is no such panel, or it cannot be asked that.
        """
        from deepglass.see.notebook import seen
        from deepglass.see.opened import Opened

        return seen(Opened(self.folder, lambda: self, data), panels, **asked)

    def diagnose(self, data: Any = None, seconds: float = 60.0) -> "Diagnosis":
        """Why does it not learn, or not better? What an experienced practitioner would ask, answered by measurement.

        Args:
            data: Where the data of the training are now, if not where they were.
            seconds: Of all together, at most.

        Returns:
            `findings`, the true cause first, each with cause, sentence, mend, evidence, strength and lesson.

        Raises:
            DataError: If the data of the training have gone or changed.
        """
        from deepglass.diagnosis.diagnosing import diagnose
        from deepglass.diagnosis.of_run import case_of

        with self.folder.explaining():
            case = case_of(self, data, seconds)
        return diagnose(case)

    def embed(self, source: Any = None, data: Any = None) -> "Codes":
        """The codes of examples, for runs of the task embedding.

        Args:
            source: New examples, as for `predict`; those of the training, all parts of them, by default.
            data: Where the data of the training are now, if not where they were.

        Returns:
            `codes` (N, K), `errors` (N,), what names each example, and `records()` with all of it.

        Raises:
            OptionError: If the run makes no codes.
            DataError: If the examples do not fit, or the data of the training have gone or changed.
        """
        from deepglass.runs.codes import codes_of

        return codes_of(self, source, data)

    def verify(self, one: Any, other: Any) -> dict[str, Any]:
        """Do two pictures show the same person, or the same thing? For runs of the task verification.

        Args:
            one: A file, or an array, with a single picture; "row:N" is picture N, from 1, of the test of the training.
            other: Another.

        Returns:
            `is_same`, `distance`, `threshold`, the share of `false_accepts` that it was chosen for, and `pictures`.

        Raises:
            OptionError: If the run compares nothing, a source holds several pictures, or the test has fewer of them.
            DataError: If a picture is missing or broken, or the data of the training have gone.
        """
        from deepglass.runs.identities import verify

        return verify(self, one, other)

    def enrol(self, name: str, pictures: Any) -> dict[str, Any]:
        """Remember how somebody looks who has agreed to it, in `people.json` of the run folder.

        Args:
            name: Of the person or thing; pictures of a name that is there already are added.
            pictures: A file, a folder, several of them, or an array.

        Returns:
            `name`, the number of new `pictures`, of `all_pictures` of that person and of `people`; `warnings`.

        Raises:
            OptionError: If the run compares nothing, or the name or the pictures cannot be enrolled.
            DataError: If a picture is missing or broken; then nothing is enrolled.
            RunError: If those who are enrolled belong to other weights.
        """
        from deepglass.runs.identities import enrol

        return enrol(self, name, pictures)

    def forget(self, name: str) -> int:
        """Remove somebody who was enrolled; returns how many people are left.

        Raises:
            OptionError: If nobody of that name is enrolled.
        """
        from deepglass.runs.identities import forget

        return forget(self, name)

    def identify(self, pictures: Any) -> list[dict[str, Any]]:
        """Who of those that are enrolled is it, or "unknown"?

        Args:
            pictures: A file, a folder, several of them, or an array.

        Returns:
            For each picture `file`, `name`, `distance`, the three `nearest`; of a run of verification `threshold` and
            `false_accepts`, of one of few-shot learning, which always names somebody, `share`.

        Raises:
            OptionError: If the run compares nothing, or nobody is enrolled.
            DataError: If a picture is missing or broken.
            RunError: If those who are enrolled belong to other weights.
        """
        from deepglass.runs.identities import identify

        return identify(self, pictures)

    @property
    def enrolled(self) -> dict[str, list[str]]:
        """The names of everybody who is enrolled, each with the names of the pictures."""
        from deepglass.runs.identities import enrolled

        return {name: person.files for name, person in enrolled(self).items()}

    def enlarge(self, picture: Any) -> "np.ndarray":
        """A picture with more pixels, for runs of the task super-resolution: (H·scale, W·scale, C) bytes.

        Args:
            picture: A file, or an array (H, W) or (H, W, C); of any size.

        Raises:
            OptionError: If the run does not enlarge pictures.
            DataError: If the picture is broken, too large, or several.
        """
        from deepglass.runs.enlarging import enlarge

        return enlarge(self, picture)

    def search(self, words: str, things: Any = None, count: int = 5) -> list[dict[str, Any]]:
        """The pictures or texts that fit words best, for runs of the tasks image-text and retrieval.

        Args:
            words: What to look for.
            things: Pictures or texts: a file, a folder, several of them, or an array or list of them; by default the
                test pictures of the training, and the replies of the training.
            count: How many are named.

        Returns:
            The nearest first, each with `rank` and `score`, the cosine; of pictures `file` or `row`, of texts `text`
            and where it is `from`.

        Raises:
            OptionError: If the run knows no words, or the count is out of its range.
            DataError: If the words are unknown to the training, or a file is missing or broken.
        """
        from deepglass.runs.searching import search

        return search(self, words, things, count)

    def recommend(self, user: str | None = None, likes: Sequence[str] = (), count: int = 10) -> dict[str, Any]:
        """What a user may like next, for runs of the task recommendation.

        Args:
            user: Of the training; of anybody else nothing is known, who is recommended what is popular.
            likes: Items that somebody has beside what is known, the last one at the end.
            count: How many.

        Returns:
            `user`, `by` ("history" or "popular"), `has`, and `items`, each with `item`, `probability`, `users` and
            `because`, the user's own items that speak for it.

        Raises:
            OptionError: If the run recommends nothing, nobody is named, an item is unknown, or the count is out of
                range.
        """
        from deepglass.runs.recommending import recommend

        return recommend(self, user, likes, count)

    def translate(self, texts: str | Sequence[str], beam: int = 1, aligned: bool = False) -> list[dict[str, Any]]:
        """Sentences in the other language, for runs of the task translation.

        Args:
            texts: A sentence, or several.
            beam: Beginnings that are kept at every token; 1 is greedy.
            aligned: Also say for every token that was written where the network looked; of recurrent models.

        Returns:
            For each `text`, `sentence`, its translation, `token_probability` and, where asked for, `alignment`.

        Raises:
            OptionError: If the run does not translate, the beam is out of range, or its model cannot be aligned.
            DataError: If there is no text, or one is empty.
        """
        from deepglass.runs.translating import translate

        return translate(self, texts, beam, aligned)

    def chat(self, system: str | None = None, **options: Any) -> "Chat":
        """A conversation with the run, for runs of the tasks dialogue, preferences and retrieval.

        Args:
            system: What the model is told before the first turn.
            options: max_tokens, temperature, top_k, top_p, min_p, repetition_penalty, seed.

        Returns:
            A `Chat`: `say(text)` gives the answer piece by piece, `reset()` begins anew, `turns` is what was said.

        Raises:
            OptionError: If the run does not answer conversations.
        """
        from deepglass.runs.chatting import Chat

        return Chat(self, system, **options)

    def paint(self, picture: Any, size: int | None = None) -> "np.ndarray":
        """A picture in the style of the run, for runs of the task style-transfer: (H, W, 3) bytes.

        Args:
            picture: A file, or an array (H, W) or (H, W, C) of bytes; of any size.
            size: Pixels of the longer side, where it is larger; its own by default.

        Raises:
            OptionError: If the run does not paint, or the size is too small.
            DataError: If the picture is broken, too small or too large.
        """
        from deepglass.runs.painting import paint

        return paint(self, picture, size)

    def transcribe(self, sounds: Any) -> list[dict[str, Any]]:
        """What is said in sounds, for runs of the task speech-recognition.

        Args:
            sounds: A file, a folder, a table of files, the bytes of a file, or an array of samples at the rate of the
                training; or a list of files, bytes and arrays.

        Returns:
            For each `sound`, `text`, `confidence` (the probability of this very text) and `seconds`.

        Raises:
            OptionError: If the run does not hear words.
            DataError: If a sound is broken, silent or too long; or there is none.
        """
        from deepglass.runs.transcribing import transcribe

        return transcribe(self, sounds)

    def export(self, path: str | Path | None = None, to: str | None = None, force: bool = False) -> Path:
        """Write the model, preprocessing included, in a format that needs no Deepglass; returns its path.

        Args:
            path: Such as "model.onnx"; a file or folder below the run by default.
            to: onnx, torch, safetensors, bundle, tflite, executorch or savedmodel; told from the ending of `path`.
            force: Replace what is there.

        Raises:
            ExportError: If the model cannot be brought into the format, or would answer differently in it.
        """
        from deepglass.deploy.exporting import export

        return export(self, path, to=to, force=force)[0]

    def shrink(self, by: str = "int8", output: str | Path | None = None, **options: Any) -> Any:
        """Make the model smaller and measure what it costs.

        Args:
            by: int8, float16, prune or distil.
            output: Folder to write; `shrunk/METHOD` below the run by default.
            options: most_lost (points of accuracy and other shares, percent of any other score; 1 by default), data,
                force, and the settings of the method: calibration, sparsity, student, temperature, epochs, budget, …

        Returns:
            `path`, `before` and `after` with score, bytes and latency_ms, what was `lost`, and `is_good`; what lost
            more than is allowed lies at a path that ends in "-rejected".

        Raises:
            DataError: If the data of the training have gone or changed.
            ExportError: If the model cannot be exported, or has nothing to shrink.
        """
        from deepglass.deploy.shrinking import shrink

        return shrink(self, by, output, **options)
