"""The command that ffmpeg is given."""

from __future__ import annotations

from pathlib import Path

from tests.helpers.footage import MakeClip, picture, tone
from vidstyle.media.encode.command import encoding_command
from vidstyle.media.output.destination import plan_output
from vidstyle.media.output.request import output_request
from vidstyle.media.probe.probe import probe
from vidstyle.settings import Settings


def test_every_file_that_ffmpeg_reads_may_be_a_media_container_alone(tmp_path: Path, make_clip: MakeClip) -> None:
    clip = make_clip("clip.mp4", *picture("25"), *tone(), "-c:a", "aac")
    sound = make_clip("sound.m4a", *tone(), "-c:a", "aac")
    source = probe(clip)
    settings = Settings().replace(audio=str(sound))
    request = output_request(tmp_path / "out.mkv", range(len(source.pts)), source.size, settings)
    command = encoding_command(plan_output(source, request)[0], tmp_path / "part.mkv", {})
    read = [index for index, word in enumerate(command) if word == "-i" and command[index + 1] != "pipe:0"]
    assert len(read) == 2
    for index in read:
        options = command[command.index("-i", 0) + 2 : index] if index == read[0] else command[read[0] + 2 : index]
        allowed = options[options.index("-format_whitelist") + 1].split(",")
        assert {"mov", "matroska", "wav"} <= set(allowed)
        assert not {"hls", "concat", "dash", "image2", "lavfi", "tty", "rtsp", "sdp", "imf"} & set(allowed)
        assert options[options.index("-protocol_whitelist") + 1] == "file"
