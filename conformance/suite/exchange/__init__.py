"""One request and what came of it, as values: what is sent, what came back, and how both are written down.

``upload`` is a file part, ``request`` what is asked, ``encoding`` its bytes on the wire. ``recording`` holds the
exchanges of a run, ``codec`` turns all of these into JSON and back, ``view`` is an answer the way the rules see it,
``words`` say to a person what came.
"""
