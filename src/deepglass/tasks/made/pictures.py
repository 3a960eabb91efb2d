"""Pictures: each a row of pixels that are inked or blank, whichever side of the middle of the scale they are on.

What is made says how likely each pixel is inked, and is shown as brightness. Samples are judged by what the network
pays for pictures that it has never seen, where it knows a bound of that, else as the rows of a table are.
"""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np

from deepglass.core import data_uri
from deepglass.core.effects import Unused
from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.data.containers import Images
from deepglass.data.fields import image, itself
from deepglass.data.preprocess.number import Number
from deepglass.data.splits import Splits
from deepglass.evaluate.metrics import pictures
from deepglass.evaluate.metrics.samples import energy_scores
from deepglass.rivals import Time, bernoulli_mixture
from deepglass.rivals.bernoulli_mixture import Mixture
from deepglass.tasks import Outputs
from deepglass.tasks.made import Made as Base
from deepglass.tasks.made import Nats, Rows

WHITE, MIDDLE = 255.0, 127.5  # of brightness
MOST_NUMBERS = 500_000_000  # pixels of all pictures together, 2 GiB
MOST_PIXELS = 4096  # of one picture: that many numbers of a row are learnt one by one
FEWEST = 20  # pictures, to learn from, to choose by and to test with


class Made(Base):
    """Grey pictures, zeros and ones."""

    name = "pictures"
    OPTIONS = ("image_size", "near_copies")
    IS_BINARY: ClassVar[bool] = True
    ONE_UNIT: ClassVar[bool] = True

    def __init__(self, config: Any, data_config: Any, seed: int):
        super().__init__(config, data_config, seed)
        self.classes = itself.Field(data_config)  # nothing is learnt from them; every split has its share of each
        options = image.Options("none", config.image_size, near_copies=config.near_copies)
        self.field = image.Field(options, data_config, seed)

    @classmethod
    def accepts(cls, data: Any) -> bool:
        """Pictures in files or arrays."""
        return isinstance(data, Images)

    # -- data ---------------------------------------------------------------------------------------------------

    def fit(self, data: Images) -> tuple[Rows, Splits, list[Guess]]:
        """Their size and their scale, from the training pictures alone.

        Raises:
            DataError: If they are coloured, too few, or too many to hold.
            OptionError: If they are too large to be learnt pixel by pixel.
        """
        if data.channels != 1:
            raise DataError(
                f"{data.name} has pictures of {data.channels} channels: expected grey ones, of which each pixel is "
                "inked or blank; convert them first"
            )
        if len(data) < FEWEST:
            raise DataError(f"{data.name} has {len(data)} pictures: expected at least {FEWEST}")
        splits, guesses = self.field.split(data, self.classes)
        self.classes.fit(data, splits["train"])
        guesses += self.field.fit(data, splits, self.classes)
        height, width = self.sides
        if height * width > MOST_PIXELS:
            raise OptionError(f"--image-size: pictures of {height}x{width} are too large to be made; try 28")
        if len(data) * height * width > MOST_NUMBERS:
            raise DataError(f"{data.name} has too many pictures to hold, {len(data):,}: try a smaller --image-size")
        self._name_pixels()
        rows = self._rows(data, np.arange(len(data)))
        guesses.append(
            Guess("pixels", "inked or blank", f"{rows.mean():.0%} are brighter than the middle of the scale", "")
        )
        return rows, splits, guesses

    def unused_options(self, asked: Mapping[str, Any], data: Images) -> Iterator[Unused]:
        """As pictures have them elsewhere."""
        yield from self.field.unused_options(asked, data, self.classes)

    @property
    def sides(self) -> tuple[int, int]:
        """Height and width."""
        return self.field.preprocessor.height, self.field.preprocessor.width

    def _name_pixels(self) -> None:
        """Numbers of a row: 0 is black and 1 white, which is 255 in their units."""
        height, width = self.sides
        names = [f"pixel_{row}_{column}" for row in range(1, height + 1) for column in range(1, width + 1)]
        self.numbers = [Number(name, None, 0.0, False, [0.0, WHITE], [0.0, 1.0], []) for name in names]

    def _rows(self, data: Images, places: np.ndarray) -> Rows:
        pixels = self.field.preprocessor.pixels(data, places)  # (n, H, W, 1), from 0 to 255
        return (pixels.reshape(len(pixels), -1) > MIDDLE).astype(np.float32)

    def state(self) -> dict[str, Any]:
        """How a picture is brought into shape."""
        return {"pictures": self.field.state()}

    def load_state(self, state: dict[str, Any]) -> None:
        self.field.load_state(state["pictures"])
        self._name_pixels()

    def open(self, inputs: Any) -> Any:
        """Real pictures, from a folder or as they were given."""
        return self.field.open(inputs, with_target=True)

    def read(self, inputs: Any) -> tuple[Rows, dict[str, Any]]:
        images, places, names = self.field.read(inputs, with_target=True)
        rows = self._rows(images, places)
        self.field.warn()
        return rows, names

    def fingerprints(self, data: Any) -> np.ndarray | None:
        """Of every picture, its content."""
        return self.field.fingerprints(data)

    def folds(self, data: Images, number: int) -> list[Splits]:
        return self.field.folds(data, number, self.classes)

    # -- what is made -------------------------------------------------------------------------------------------

    def in_units(self, rows: Rows) -> np.ndarray:
        """Brightness from 0 to 255."""
        return rows.clip(0, 1) * WHITE

    def records(self, samples: np.ndarray) -> list[dict[str, Any]]:
        """Each a PNG inside its own address."""
        from PIL import Image

        shades = samples.round().astype(np.uint8).reshape(-1, *self.sides)
        return [{"picture": data_uri.of_image(Image.fromarray(one))} for one in shades]

    def shown(self, samples: np.ndarray) -> list[dict[str, Any]]:
        """As pictures."""
        return [{"image": record["picture"]} for record in self.records(samples)]

    # -- judging ------------------------------------------------------------------------------------------------

    def outputs(self, samples: np.ndarray, real: np.ndarray, nats: Nats, learnt: np.ndarray | None = None) -> Outputs:
        """With what every real picture costs, or its energy score; and the training picture nearest to each sample."""
        losses = nats["reconstruction"] + nats["kl"] if nats else energy_scores(samples, real, self.seed, one_unit=True)
        extra = dict(nats)
        if learnt is not None and (found := pictures.nearest_of(samples, learnt)) is not None:
            of_real = pictures.nearest_of(real, learnt)
            extra["nearest"] = learnt[found[0]].astype(np.uint8)
            extra["to_nearest"] = np.stack([found[1], of_real[1]], axis=1)  # type: ignore[index]
        return Outputs(samples, real, losses, extra)

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """Without a bound the energy score, and the kernel distance of the pixels."""
        if "kl" in outputs.extra:
            return {}
        energy = float(np.mean(outputs.losses))  # type: ignore[arg-type]
        kid = pictures.kid_of_pixels(outputs.predictions, outputs.targets)  # type: ignore[arg-type]
        return {"sample_score": energy, "energy_score": energy, "kid": kid}

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """The bound with both parts, and how far samples and real pictures are from the training."""
        nearest = None
        if "to_nearest" in outputs.extra:
            nearest = dict(zip(("samples", "real"), outputs.extra["to_nearest"].mean(axis=0).tolist()))
        options = {"sides": self.sides, "nearest": nearest, "seed": self.seed}
        return pictures.evaluate(outputs.predictions, outputs.targets, outputs.extra, **options)  # type: ignore[arg-type]

    def baseline(self, train: np.ndarray, test: np.ndarray, with_nats: bool) -> tuple[str, Outputs]:
        """Pixels that know nothing of each other."""
        return "independent pixels", self._of(bernoulli_mixture.fit(train / WHITE, 1), test, with_nats)

    def rival(self, parts: dict[str, np.ndarray], with_nats: bool, time: Time) -> tuple[str, Outputs] | None:
        """A mixture of Bernoullis, as large as validation asks for."""
        if time.is_up():
            return None
        mixture = bernoulli_mixture.best(parts["train"] / WHITE, parts["val"] / WHITE, self.seed)
        name = f"mixture of {len(mixture.shares)} Bernoullis"
        return name, self._of(mixture, parts["test"], with_nats)

    def _of(self, mixture: Mixture, test: np.ndarray, with_nats: bool) -> Outputs:
        """What a mixture, whose likelihood is exact, says of binary test pictures."""
        cost = mixture.nats(test / WHITE)
        nats = {"reconstruction": cost, "kl": np.zeros_like(cost)} if with_nats else {}
        return self.outputs(mixture.sample(len(test), self.seed) * WHITE, test, nats)
