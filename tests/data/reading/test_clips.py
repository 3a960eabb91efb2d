"""Animated pictures and folders of frames become clips; what is none is refused with a sentence."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from deepglass.core.errors import DataError, OptionError
from deepglass.data.config import DataConfig
from deepglass.data.fields.video import Field, Options
from deepglass.data.reading.source import guess_task, read
from tests.tasks.small import captioning, video_classification
from tests.tasks.small.video_classification import save

PROVES = {  # read by `deepglass read`
    "test_frames_are_taken_evenly_and_are_those_of_the_file": ("data/reading/clips.py", "data/fields/video.py"),
}


def clips_of(source, **options):
    data = read(source, DataConfig(), follow=("picture",))
    return Field(Options(**options), DataConfig(), 0).as_source(data)


def film(count, side=8):
    frames = np.zeros((count, side, side), np.uint8)
    for time, frame in enumerate(frames):
        frame[:, time % side] = 20 + 200 * time // count
        frame[0, 0] = time % 256
    return frames


def test_frames_are_taken_evenly_and_are_those_of_the_file(tmp_path):
    frames = film(9)
    for name in "ab":
        for i in range(3):
            save(tmp_path / "set" / name / f"{i}.gif", frames)
    clips = clips_of(tmp_path / "set", num_frames=5)
    assert (clips.num_frames, len(clips), clips.lengths.tolist()) == (5, 6, [9] * 6)
    assert np.array_equal(clips.frames(0)[..., 0], frames[[0, 2, 4, 6, 8]])
    assert clips.frame["class"].tolist() == ["a"] * 3 + ["b"] * 3


def test_a_folder_of_numbered_frames_is_the_same_clip(tmp_path):
    frames = film(12)
    for name in "ab":
        save(tmp_path / "gifs" / name / "one.gif", frames)
        save(tmp_path / "gifs" / name / "two.gif", frames)
        for place in ("one", "two"):
            for time, frame in enumerate(frames):
                path = tmp_path / "stills" / name / f"{name}-{place}" / f"{time}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(frame).save(path)
    moving = clips_of(tmp_path / "gifs")
    still = Field(None, DataConfig(), 0).as_source(read(tmp_path / "stills", DataConfig(layout="classes")))
    for row in range(4):
        assert np.array_equal(moving.frames(row)[..., 0], still.frames(row)[..., 0])
    assert (still.classes, still.labels.tolist()) == (["a", "b"], [0, 0, 1, 1])


def test_tables_tell_captions_and_folders_tell_classes(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    captioned = read(captioning.data(tmp_path / "a"), DataConfig(), follow=("picture",))
    labelled = read(video_classification.data(tmp_path / "b"), DataConfig())
    assert captioned.kind == "captioned videos"
    assert guess_task(captioned, DataConfig())[0] == "captioning"
    assert guess_task(labelled, DataConfig())[0] == "video-classification"


def still(path):
    Image.fromarray(film(1)[0]).save(path)


def cut_off(path):
    save(path, film(9))
    path.write_bytes(path.read_bytes()[:-150])


def endless(path):
    save(path, film(1_200, side=4))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [(still, "has one frame"), (cut_off, "truncated or damaged"), (endless, "1,200 frames"), (None, "empty")],
)
def test_a_file_that_is_no_clip_is_named_with_the_reason(spoil, said, tmp_path):
    for i in range(12):
        save(tmp_path / "set" / "ab"[i % 2] / f"{i}.gif", film(6))
    odd = tmp_path / "set" / "a" / "odd.gif"
    odd.write_bytes(b"") if spoil is None else spoil(odd)
    with pytest.raises(DataError, match=said) as caught:
        clips_of(tmp_path / "set")
    assert "odd.gif" in str(caught.value)


def test_what_does_not_fit_into_memory_is_refused_and_options_are_checked(tmp_path):
    source = video_classification.data(tmp_path)
    with pytest.raises(DataError, match="--max-memory"):
        clips_of(source, max_memory=1e-6)
    with pytest.raises(OptionError, match="--num-frames"):
        clips_of(source, num_frames=1)


def test_films_are_refused_with_a_way_to_convert_them(tmp_path):
    for i in range(4):
        (tmp_path / "ab"[i % 2]).mkdir(exist_ok=True)
        (tmp_path / "ab"[i % 2] / f"{i}.mp4").write_bytes(b"film")
    with pytest.raises(DataError, match="ffmpeg"):
        clips_of(tmp_path)
    with pytest.raises(DataError, match=r"is one film: expected a folder for each class.*ffmpeg"):
        read(tmp_path / "a" / "0.mp4")


def test_one_sound_is_no_data_set(tmp_path):
    (tmp_path / "a.mp3").write_bytes(b"sound")
    with pytest.raises(DataError, match="is one sound: expected a folder of sounds for each class"):
        read(tmp_path / "a.mp3")


def test_clips_of_other_sizes_and_lengths_become_alike(tmp_path):
    for i, (count, side) in enumerate([(5, 8), (9, 12), (7, 10), (5, 8)]):
        save(tmp_path / "ab"[i % 2] / f"{i}.gif", film(count, side))
    clips = clips_of(tmp_path)
    assert clips.pixels.shape[1:3] == (10, 10)
    assert clips.lengths.tolist() == [5, 7, 9, 5]
    assert pd.Series(clips.names).str.endswith(".gif").all()
