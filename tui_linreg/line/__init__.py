"""The program without a picture: a run, the lessons and the hunt as sentences, for a pipe or a screen reader."""
