"""What report.html is made of: values without markup, each a pure view of the report and the recording.

The recording is the one that is written, without secrets. ``room`` bounds what of it is shown, ``exchanges`` shows a
request and what came of it, ``marking`` shows differences, ``snippet`` makes a request again in Python, ``gallery``
shows images, ``looks`` remembers what was seen in an exchange. ``rules`` puts a rule with its evidence together,
``summary`` what a run came to, and ``view`` all of it. The templates make HTML of that, and escape every text.
"""
