"""Of pictures in which things are found: as of any picture, but nothing moves, for the answer would have to follow."""

from deepglass.audit.corruptions.image import blur, brighter, contrast, darker, jpeg, noise

CORRUPTIONS = {
    "noise": "noise of the sensor",
    "blur": "out of focus",
    "brighter": "too much light",
    "darker": "too little light",
    "contrast": "fog: less contrast",
    "jpeg": "saved as JPEG",
}
__all__ = ["blur", "brighter", "contrast", "darker", "jpeg", "noise"]
