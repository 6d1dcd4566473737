"""How a shot is painted: keyframe after keyframe, and the frames in between."""
