"""Which endings make a file of a folder a sound, in lower case."""

BY_LIBSNDFILE = {
    ".wav", ".wave", ".w64", ".rf64", ".bwf", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".mp2", ".mpga", ".aif",
    ".aiff", ".aifc", ".au", ".snd", ".caf", ".voc", ".sph", ".iff", ".8svx", ".paf", ".ircam", ".avr", ".sd2",
}  # fmt: skip
BY_FFMPEG = {
    ".m4a", ".m4b", ".aac", ".mp4", ".m4v", ".mov", ".3gp", ".3g2", ".webm", ".weba", ".mka", ".mkv", ".wma", ".asf",
    ".wmv", ".amr", ".awb", ".spx", ".wv", ".ape", ".tta", ".mpc", ".ac3", ".eac3", ".dts", ".avi", ".flv", ".dsf",
    ".mpg", ".mpeg", ".ogv",
}  # fmt: skip
ENDINGS = BY_LIBSNDFILE | BY_FFMPEG  # the latter need the extra `formats`: without it the error of each file says so
