"""Tracks have room for their road and points at equal distances; files of points are read or refused with a reason."""

import numpy as np
import pytest

from deepglass.core.errors import DataError
from deepglass.rl.driving import tracks
from deepglass.rl.driving.tracks import WIDTH, lengths, random_tracks, read_track, track_through


@pytest.fixture(scope="module")
def drawn():
    return random_tracks(60, np.random.default_rng(0))


def test_points_lie_at_equal_distances_and_edges_half_a_road_aside(drawn):
    step = np.linalg.norm(np.roll(drawn.middle, -1, axis=1) - drawn.middle, axis=2)
    assert np.abs(step / drawn.spacing[:, None] - 1).max() < 0.01
    assert drawn.length == pytest.approx(lengths(drawn.middle))
    assert drawn.length.min() > 0.98 * tracks.SHORTEST
    assert drawn.length.max() <= tracks.LONGEST
    off = drawn.edges - drawn.middle[:, :, None]
    assert np.linalg.norm(off, axis=3) == pytest.approx(WIDTH / 2, abs=1e-4)
    left = drawn.along[..., 0] * off[:, :, 0, 1] - drawn.along[..., 1] * off[:, :, 0, 0]
    assert (left > 0).all()


def test_no_road_touches_another_stretch_of_itself(drawn):
    for middle, length in zip(drawn.middle, drawn.length, strict=True):
        gap = np.linalg.norm(middle[:, None] - middle, axis=2)
        number = np.arange(len(middle))
        apart = np.abs(number[:, None] - number)
        by_road = np.minimum(apart, len(middle) - apart) * length / len(middle)
        assert gap[by_road > 30].min() > WIDTH


def test_inner_edges_do_not_fold_back(drawn):
    ahead = np.roll(drawn.edges, -1, axis=1) - drawn.edges  # (tracks, samples, 2, 2)
    assert ((ahead * drawn.along[:, :, None]).sum(axis=3) > 0).all()


def test_both_ways_round_and_no_two_alike(drawn):
    x, y = np.moveaxis(drawn.middle, 2, 0)
    area = (x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)).sum(axis=1)
    assert 15 < (area > 0).sum() < 45
    assert len(np.unique(drawn.length.round(6))) == 60


def test_a_curve_through_points_goes_through_them_and_a_circle_stays_nearly_round():
    angle = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    points = 30 * np.stack((np.cos(angle), np.sin(angle)), axis=1)
    curve = tracks.spline(points, 20)
    assert curve[::20] == pytest.approx(points)
    assert np.abs(np.linalg.norm(curve, axis=1) - 30).max() < 0.1
    assert track_through(points).length[0] == pytest.approx(60 * np.pi, rel=0.01)


def test_a_first_point_that_is_repeated_at_the_end_is_no_corner():
    points = np.array([(0, 0), (60, 0), (60, 50), (0, 50)], float)
    assert track_through(points).middle == pytest.approx(track_through(np.vstack((points, points[:1]))).middle)


def test_a_file_is_read_with_or_without_a_header(tmp_path):
    lines = ["0,0", "60, 0", "", "60,50", "0,50"]
    for name, given in (("plain", lines), ("named", ["x,y", *lines])):
        (tmp_path / name).write_text("\n".join(given))
    assert (read_track(tmp_path / "plain").middle == read_track(tmp_path / "named").middle).all()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0,0\n60,0", "3 to 10,000 different points, got 2"),
        ("0,0\n0,0\n0,0\n0,0", "different points, got 0"),
        ("", "got 0"),
        ("0,0\n60,zero\n60,50", "line 2 of .*expected two numbers"),
        ("0,0,1\n60,0,1", "line 1 of .*expected two numbers"),
        ("0,0\n60,nan\n60,50", "finite numbers"),
        ("0,0\n60,inf\n60,50", "finite numbers"),
        ("0,0\n1,0\n1,1", "expected a lap of 60 to 5,000 metres"),
        ("0,0\n1e9,0\n1e9,1e9", "expected a lap of 60 to 5,000 metres"),
    ],
)
def test_what_is_no_track_is_refused(tmp_path, text, message):
    path = tmp_path / "track.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        read_track(path)


def test_a_file_that_is_missing_or_no_text_is_refused(tmp_path):
    with pytest.raises(DataError, match="cannot be read as a track"):
        read_track(tmp_path / "none.csv")
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00\xd8")
    with pytest.raises(DataError, match="cannot be read as a track"):
        read_track(tmp_path / "bytes.csv")
