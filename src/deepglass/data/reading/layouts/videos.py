"""Videos: files such as .mp4, or folders in which nearly every picture moves."""

from deepglass.core.errors import DataError
from deepglass.data.containers import Layout
from deepglass.data.reading.decode import header
from deepglass.data.reading.listing import VIDEOS, Listing, classes_of, some

SHARE = 0.5  # of the files must be videos
MOVING_SHARE = 0.9  # of the pictures must move
FEWEST_FRAMES = 4
PROBED = 20


def recognise(listing: Listing) -> Layout | None:
    """A folder of videos or of animated pictures, or None."""
    files = listing.ending(VIDEOS)
    if files and len(files) >= SHARE * len(listing.files):
        found = classes_of(files)
        found = found if len(found) > 1 else {}
        facts = {"videos": len(files)} | ({"classes": len(found)} if found else {})
        nearest = "until then, save frames as pictures, a folder for each class, and name them after their video"
        return Layout("videos", listing.folder.name, "videos", facts, found, {"videos": listing.whole(files)}, nearest)
    return _of_moving_pictures(listing)


def _of_moving_pictures(listing: Listing) -> Layout | None:
    pictures = [path for ending in (".gif", ".webp", ".png", ".avif") for path in listing.by_suffix.get(ending, [])]
    if not pictures or len(pictures) < MOVING_SHARE * len(listing.pictures):
        return None
    probe = some(pictures, PROBED)
    frames = []
    for path in probe:
        try:
            frames.append(header(listing.folder / path).frames)
        except DataError:  # named by whoever reads it
            frames.append(1)
    if sum(count >= FEWEST_FRAMES for count in frames) < MOVING_SHARE * len(probe):
        return None
    found = classes_of(pictures)
    found = found if len(found) > 1 else {}
    facts = {"animated pictures": len(pictures), "frames on average": round(sum(frames) / len(frames))}
    files = {"videos": listing.whole(pictures)}
    nearest = "the first frames can be learnt from as pictures, where folders are classes, with --layout classes"
    return Layout("videos", listing.folder.name, "short videos as animated pictures", facts, found, files, nearest)
