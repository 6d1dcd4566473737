"""How ffmpeg is told to write a file: codec, streams, times, tags."""
