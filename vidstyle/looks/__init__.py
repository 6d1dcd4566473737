"""One or a few frames of a clip in many looks, to choose one by."""
