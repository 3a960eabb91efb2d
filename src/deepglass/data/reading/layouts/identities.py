"""One picture of each of many: faces of people or drawn characters, told apart by likeness and not by class."""

from deepglass.data.config import DataConfig
from deepglass.data.containers import Layout
from deepglass.data.reading.images import split_folders
from deepglass.data.reading.listing import Listing, classes_of

MANY = 10  # classes
SHARE = 0.5  # of the classes have a single picture


def recognise(listing: Listing) -> Layout | None:
    """Folders of which most hold a single picture, or None."""
    if len(split_folders(listing.folder, DataConfig())) > 1:
        return None
    pictures = listing.pictures
    found = classes_of(pictures)
    single = [name for name, count in found.items() if count == 1]
    if len(found) < MANY or len(single) <= SHARE * len(found):
        return None
    facts = {"pictures": len(pictures), "folders": len(found), "of them with a single picture": len(single)}
    nearest = "classes can be learnt now from folders of several pictures each"
    return Layout(
        "identities",
        listing.folder.name,
        "one picture of each of many",
        facts,
        found,
        {"images": listing.whole(pictures)},
        nearest,
    )
