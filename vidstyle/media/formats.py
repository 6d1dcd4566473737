"""The formats that a clip or a sound may have: containers of media, each a file that holds all of itself.

FFmpeg also opens playlists, lists of files, scripts, texts and devices, by content whatever the name: one that somebody
sends would put other files of this machine into the result, or never end.
"""

from collections.abc import Mapping
from types import MappingProxyType

_FILMS = """
    3dostr 4xm amv anm apng apv asf asf_o av1 avi avif avs avs2 avs3 bethsoftvid bfi bink bmv c93 cavsvideo cdg cdxl
    cine dcstr derf dfa dhav dirac dnxhd dsicin dv dxa ea ea_cdata evc film_cpk filmstrip flic flv frm gdv gif gxf
    h261 h263 h264 hevc hnm iamf idcin iff ifv ingenient ipmovie ipu iss iv8 ivf ivr jpegxl_anim jv kux lmlm4 lvf lxf
    m4v matroska mgsts mjpeg mjpeg_2000 mm moflex mov mpeg mpegts mpegtsraw mpegvideo mpjpeg mtv mv mvi mxf mxg nc nsv
    nut nuv obu ogg paf pmp pva pvf r3d rl2 rm roq rpl sdx ser siff simbiosis_imx smjpeg smk smush swf thp tiertexseq
    tmv txd ty usm vc1 vc1test vividas vivo vmd vvc webp webp_anim wc3movie wsvqa wtv xmv yop yuv4mpegpipe
"""
_SOUNDS = """
    aa aac ac3 ac4 aiff amr amrnb amrwb ape ast au caf dsf dts dtshd eac3 flac gsm iff latm loas mlp mmf mp3 mpc mpc8
    oma qoa rka rso sbc shn sln sox spdif tak truehd tta voc vqf w64 wady wav wavarc wsaud wsd wv xa xwma
"""
_PICTURES = """
    bmp dds dpx exr gem gif hdr j2k jpeg jpegls jpegxl jpegxs pam pbm pcx pfm pgm pgmyuv pgx phm photocd pictor png
    ppm psd qdraw qoi sgi sunrast tiff vbn webp xbm xpm xwd
"""

_FORMATS = (*_FILMS.split(), *_SOUNDS.split(), *(f"{name}_pipe" for name in _PICTURES.split()))
READING: Mapping[str, str] = MappingProxyType({"format_whitelist": ",".join(_FORMATS), "protocol_whitelist": "file"})
"""The options with which PyAV and ffmpeg open any file."""
