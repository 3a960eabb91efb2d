"""Car: drive a lap on a track never seen before, by seven distance rays and a speedometer.

    ẋ = v cos θ    ẏ = v sin θ    θ̇ = v tan(δ) / L    v̇ = a

The kinematic bicycle: both wheels of an axle are one, the place is that of the rear axle. The tyres hold a sideways
acceleration |v θ̇| up to their grip; who steers for more runs wide. A lap pays 100 in all, metre by metre; leaving the
road ends it, and so does touching another car. Every episode has a track of its own from a hundred that are drawn with
the seed of the world, so that other seeds are other tracks. `wheelbase`, `grip` and `fastest` make another car of it,
and `traffic` puts others on the road.

References:
    Rajamani (2012), Vehicle dynamics and control, chapter 2, https://doi.org/10.1007/978-1-4614-1433-6
    (his model has the centre of gravity as the place; with the rear axle its slip angle β is 0)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from deepglass.rl.driving import traffic
from deepglass.rl.driving.pure_pursuit import safe_speed, steering
from deepglass.rl.driving.rays import distances
from deepglass.rl.driving.tracks import WIDTH, Tracks, random_tracks, read_track
from deepglass.rl.driving.traffic import BODY
from deepglass.rl.envs import Box, Shape, Simulated

SECONDS = 0.1
SHARPEST = 0.5  # radians of the front wheels: a turn of 4.6 m radius
START = 5.0  # m/s
THRUST, BRAKING = 3.0, 6.0  # m/s²: of the engine, of the brakes
ANGLES = np.radians([-90, -45, -20, 0, 20, 45, 90])
REACH = 30.0  # metres of a ray
WINDOW = 16  # points of the track to either side within which a ray ends: 40 m, more than it reaches round a bend
NEAR = np.arange(-2, 3)  # points in which the nearest is looked for after a step, which is shorter than one of them
TRACKS = 100
LAP = 100.0  # reward of a lap
X, Y, HEADING, SPEED, POINT, TRACK, WAY, DRIVEN, OTHERS = range(9)  # rows of the state


@dataclass(frozen=True)
class Config:
    track: str | None = None  # file with points of a track, x and y in metres; random ones unless it is given
    traffic: int = 0  # other cars on the road, up to 6: slower, every other one in the left lane
    wheelbase: float = 2.5  # m between the axles, 1.5 to 6; a long car turns wider
    grip: float = 8.0  # m/s² that the tyres hold sideways, 2 to 30; 3 is a wet road
    fastest: float = 15.0  # m/s, 5 to 40


WHEELBASE, GRIP, FASTEST = Config.wheelbase, Config.grip, Config.fastest  # of the usual car


class Env(Simulated):
    """State (8 + traffic, N): place, heading, speed, nearest point of the track, which track, metres along it, metres
    driven; then the metres along it of each other car.

    Args:
        num_envs: Number of copies N.
        seed: Of the tracks, and of which comes when.
        max_steps: After so many an episode is cut.
        config: Which road, which car, and how many others.
        tracks: To drive on, instead of those of `config`.

    Raises:
        DataError: If the file of a track holds none.
    """

    name = "Car-v0"
    observation_shape = (len(ANGLES) + 1,)
    observation_names = (*(f"ray {angle:+.0f}°" for angle in np.degrees(ANGLES)), "speed")
    actions = Box((-1.0, -1.0), (1.0, 1.0))  # steering to the right or left; brake or thrust
    max_steps = 1_000
    solved_at = 99.0
    usual: ClassVar[dict[str, Any]] = {"model": "ppo", "steps": 150_000}

    def __init__(
        self,
        num_envs: int = 1,
        seed: int | Sequence[int] = 0,
        max_steps: int | None = None,
        config: Config | None = None,
        tracks: Tracks | None = None,
    ):
        self.config, self.own_tracks = config or Config(), tracks
        self._lay_out([seed] if isinstance(seed, int) else [*seed])
        super().__init__(num_envs, seed, max_steps)

    def _lay_out(self, seed: list[int]) -> None:
        """The tracks of this seed."""
        self.seed = seed
        if self.own_tracks is not None:
            self.tracks = self.own_tracks
        elif self.config.track:
            self.tracks = read_track(Path(self.config.track))
        else:
            self.tracks = random_tracks(TRACKS, np.random.default_rng(seed).spawn(1)[0])

    def begin(self, count: int) -> np.ndarray:
        """In the middle of the road at the first point of a track, rolling; of those that begin together none shares
        its track while there are others.
        """
        kept = len(self.tracks.length)
        order = [self.rng.permutation(kept) for _ in range(-(-count // kept))]
        track = np.concatenate(order)[:count]
        x, y = self.tracks.middle[track, 0].T
        along = self.tracks.along[track, 0]
        none = np.zeros(count)
        heading = np.arctan2(along[:, 1], along[:, 0])
        others = traffic.spread(self.tracks.length[track], self.config.traffic, self.rng)
        return np.stack((x, y, heading, none + START, none, track, none, none, *others))

    def advance(self, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Steer, press a pedal, let 0.1 s pass, and see where on the track that leads."""
        steer, pedal = np.clip(actions.T.astype(float), -1, 1)
        push = np.where(pedal > 0, THRUST, BRAKING) * pedal
        moved = drive(self.physics[:POINT], SHARPEST * steer, push, config=self.config)
        point, way, aside = self.locate(moved[[X, Y]].T)
        length = self.tracks.length[self.physics[TRACK].astype(int)]
        gained = (way - self.physics[WAY] + length / 2) % length - length / 2
        before = self.physics[DRIVEN]
        driven = before + gained
        others = (self.physics[OTHERS:] + traffic.PACE * SECONDS) % length
        self.physics = np.stack((*moved, point, self.physics[TRACK], way, driven, *others))
        is_out = (np.abs(aside) > WIDTH / 2) | self.crashed()
        driven = np.where(is_out, np.minimum(driven, 0.99 * length), driven)  # no lap ends beside the road
        self.physics[DRIVEN] = driven
        return LAP * (np.minimum(driven, length) - before) / length, is_out | self.at_goal()

    @property
    def body(self) -> tuple[float, float, float]:
        """How far the car reaches behind and before its rear axle, and aside."""
        return BODY[0], BODY[1] - WHEELBASE + self.config.wheelbase, BODY[2]

    def crashed(self) -> np.ndarray:
        """Who touches another car, (N,)."""
        if not self.config.traffic:
            return np.zeros(self.num_envs, bool)
        heading = self.physics[HEADING]
        along = np.stack((np.cos(heading), np.sin(heading)), axis=1)
        own = traffic.discs(self.physics[[X, Y]].T[:, None], along[:, None], self.body)
        return traffic.touches(own, traffic.discs(*self.others(self.physics)))

    def others(self, physics: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where the other cars are and which way they look, (N, traffic, 2) each."""
        return traffic.poses(self.tracks, physics[TRACK].astype(int), physics[OTHERS:])

    def at_goal(self) -> np.ndarray:
        """Once round."""
        return self.physics[DRIVEN] >= self.tracks.length[self.physics[TRACK].astype(int)]

    def locate(self, place: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The nearest point of the track, metres along it, and metres to the left of its middle, (N,) each."""
        point, track = self.physics[[POINT, TRACK]].astype(int)
        near = (point[:, None] + NEAR) % self.tracks.middle.shape[1]  # (N, near)
        off = place[:, None] - self.tracks.middle[track[:, None], near]  # (N, near, 2)
        best = np.arange(len(place)), np.square(off).sum(axis=2).argmin(axis=1)
        point, off = near[best], off[best]
        along = self.tracks.along[track, point]
        way = point * self.tracks.spacing[track] + (off * along).sum(axis=1)
        return point, way, along[:, 0] * off[:, 1] - along[:, 1] * off[:, 0]

    def observe(self, physics: np.ndarray) -> np.ndarray:
        """Rays as shares of their reach, speed as a share of the fastest."""
        return np.column_stack((self.rays(physics) / REACH, physics[SPEED] / FASTEST)).astype(np.float32)

    def rays(self, physics: np.ndarray) -> np.ndarray:
        """Metres to the edge of the road or another car by each ray, (N, rays)."""
        point, track = physics[[POINT, TRACK]].astype(int)
        near = (point[:, None] + np.arange(-WINDOW, WINDOW + 1)) % self.tracks.middle.shape[1]
        seen_from = physics[[X, Y]].T, physics[HEADING], ANGLES, REACH
        found = distances(self.tracks.edges[track[:, None], near], *seen_from)
        if self.config.traffic:
            found = np.minimum(found, distances(traffic.outlines(*self.others(physics)), *seen_from))
        return found

    def advice(self) -> np.ndarray:
        """What an expert does who sees the whole track: pure pursuit of its middle or of a clear lane, (N, 2)."""
        place, speed = self.physics[[X, Y]].T, self.physics[SPEED]
        point, track = self.physics[[POINT, TRACK]].astype(int)
        spacing, samples = self.tracks.spacing[track], self.tracks.middle.shape[1]
        ahead = (point + np.ceil((3 + 0.5 * speed) / spacing).astype(int)) % samples  # half a second, and a little
        goal = self.tracks.middle[track, ahead]
        if self.config.traffic:
            aside = traffic.clear_lane(self.physics[WAY], self.physics[OTHERS:], self.tracks.length[track])
            goal = goal + aside[:, None] * traffic.left_of(self.tracks.along[track, ahead])
        steer = steering(place, self.physics[HEADING], goal, self.config.wheelbase) / SHARPEST
        near = np.arange(1, 14)
        bends = self.tracks.along[track[:, None], (point[:, None] + np.append(near, 14)) % samples]  # (N, points, 2)
        turned = bends[:, :-1, 0] * bends[:, 1:, 1] - bends[:, :-1, 1] * bends[:, 1:, 0]
        hold = 0.6 * self.config.grip, 0.6 * BRAKING
        limit = safe_speed(turned / spacing[:, None], (near - 1) * spacing[:, None], *hold)
        pedal = np.minimum(limit, self.config.fastest) - speed  # full thrust where it is 1 m/s too slow
        return np.clip(np.stack((steer, pedal), axis=1), -1, 1).astype(np.float32)

    def state(self) -> dict[str, Any]:
        """The seed of the tracks as well."""
        return {**super().state(), "seed": self.seed}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
        super().load_state(state)
        if state["seed"] != self.seed:
            self._lay_out(state["seed"])

    def shapes(self, index: int) -> list[Shape]:
        """Road, rays and cars, from above."""
        x, y, heading, track = self.physics[[X, Y, HEADING, TRACK], index]
        edges = self.tracks.edges[int(track)].astype(float)  # (samples, 2, 2)
        low, high = edges.min(axis=(0, 1)), edges.max(axis=(0, 1))
        middle, size = (low + high) / 2, (high - low).max() / 1.9
        left, right = ((np.concatenate((edge, edge[:1])) - middle) / size for edge in edges.transpose(1, 0, 2))
        place, forward = np.array([x, y]), np.array([np.cos(heading), np.sin(heading)])
        left_of = np.array([-forward[1], forward[0]])
        far = self.rays(self.physics[:, index : index + 1])[0][:, None]
        ends = (place + far * (np.cos(ANGLES)[:, None] * forward + np.sin(ANGLES)[:, None] * left_of) - middle) / size
        body = traffic.outlines(place[None, None], forward[None, None], self.body)[0, :4, 0]
        others = traffic.outlines(*self.others(self.physics[:, index : index + 1]))[0, :4].transpose(1, 0, 2)
        at = tuple((place - middle) / size)
        return [
            ("polygon", [*map(tuple, left), *map(tuple, right[::-1])], "#eef1f4", 0),
            *(("line", [*map(tuple, edge)], "#9aa3ad", 1.5) for edge in (left, right)),
            ("line", [tuple((edge - middle) / size) for edge in edges[0]], "#33415c", 2),
            *(("line", [at, tuple(end)], "#0072b2", 0.8) for end in ends),
            *(("polygon", [*map(tuple, (other - middle) / size)], "#33415c", 0) for other in others),
            ("polygon", [tuple(corner) for corner in (body - middle) / size], "#d55e00", 0),
        ]


def drive(
    moving: np.ndarray, steer: np.ndarray, push: np.ndarray, seconds: float = SECONDS, config: Config = Config()
) -> np.ndarray:
    """The bicycle after a step with wheels and pedal held still, by the midpoint rule.

    Args:
        moving: Place x, y, heading and speed.
        steer: Angle of the front wheels, radians.
        push: Acceleration, m/s².
        seconds: Of the step.
        config: Which car.

    Shape:
        - moving, output: (4, N)
        - steer, push: (N,)
    """
    x, y, heading, speed = moving
    after = np.clip(speed + push * seconds, 0, config.fastest)
    mean = (speed + after) / 2
    most = config.grip / np.maximum(mean, 1e-6)  # θ̇ that the tyres hold
    turning = np.clip(mean * np.tan(steer) / config.wheelbase, -most, most)
    middle = heading + turning * seconds / 2
    way = mean * seconds
    return np.stack((x + way * np.cos(middle), y + way * np.sin(middle), heading + turning * seconds, after))
