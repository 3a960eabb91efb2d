"""XML from anybody: read without a document type's entities, of which a few can stand for gigabytes of text."""

from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from deepglass.core.errors import DataError


def tree_of(content: bytes, path: Path) -> Element:
    """The root of an XML file that defines no entities.

    Args:
        content: Of the file.
        path: For messages.

    Raises:
        DataError: If it defines some, or is not well-formed.
    """
    builder, parser = TreeBuilder(), expat.ParserCreate()

    def refuse(name: str, *_: object) -> None:
        raise DataError(f"{path} defines the entity {name!r}: expected XML without entities; export it again")

    parser.StartElementHandler, parser.EndElementHandler = builder.start, builder.end
    parser.CharacterDataHandler, parser.EntityDeclHandler = builder.data, refuse
    try:
        parser.Parse(content, True)
        return builder.close()
    except (expat.ExpatError, ValueError, AssertionError, LookupError) as error:
        raise DataError(f"{path} is not valid XML ({error}): copy or export it again") from None
