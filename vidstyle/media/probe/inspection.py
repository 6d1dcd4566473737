"""What decoding a clip's frames shows of its damage, before any of them is painted."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from vidstyle.media.probe.damage import Loss, missing_after
from vidstyle.media.reader import Frame
from vidstyle.media.source import Source
from vidstyle.ranges import format_numbers

_RANGES = 5
"""The most ranges of frames that a sentence names."""


@dataclass
class Inspection:
    """Which of the frames that are read are damaged.

    An earlier frame stands for those that are `repeated`, since they could not be decoded; the decoder had to mend
    those that are `corrupt`. Those that are `fitted` are of another size or pixel shape, and no damage.
    """

    source: Source
    repeated: list[int] = field(default_factory=list)
    corrupt: list[int] = field(default_factory=list)
    fitted: list[int] = field(default_factory=list)

    def watched(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """The same frames, each looked at as it passes."""
        for frame in frames:
            if frame.status == "repeated":
                self.repeated.append(frame.index)
            elif frame.status == "corrupt":
                self.corrupt.append(frame.index)
            elif frame.status == "fitted":
                self.fitted.append(frame.index)
            yield frame

    @property
    def notes(self) -> tuple[str, ...]:
        """What is unusual and no damage, in words."""
        if not self.fitted:
            return ()
        width, height = self.source.size
        what = f"{_of(self.fitted, self.source)} are of another size than {width}×{height}, or of another pixel shape"
        return (f"{what}: they are scaled to fit into it in their own shape, on black.",)

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What was found, in words."""
        found = []
        if self.repeated:
            what = f"damaged: {_of(self.repeated, self.source)} can't be decoded"
            found.append(Loss(what, len(self.repeated), "the frame before is shown instead"))
        if self.corrupt:
            what = f"damaged: {_of(self.corrupt, self.source)} can be decoded only in part"
            found.append(Loss(what, len(self.corrupt), "what ffmpeg made of them is painted"))
        # Where the file's structure has shown that frames are gone, they have been counted already.
        missing = {} if self.source.damaged else missing_after(self.source.pts, sorted((*self.repeated, *self.corrupt)))
        if gone := sum(missing.values()):
            after = f"after frame {self.source.number(min(missing))}"
            found.append(Loss(f"damaged: about {gone} frames are gone, {after}", gone))
        return tuple(found)


def _of(indices: list[int], source: Source) -> str:
    """How many of the clip's frames these are, and which."""
    names = format_numbers(map(source.number, indices), most=_RANGES)
    return f"{len(indices)} of {len(source.pts)} frames ({names})"
