"""The offline mock: the reference server, and around it what the author of a client needs beside correct answers.

``python -m conformance.mock`` runs it (``__main__``), ``running`` runs it inside another program, and ``fixture`` is a
pytest plugin with it. ``app`` puts it together: pages, models and layers around the operations of
``conformance.reference``. This module imports nothing, because each run of pytest imports it with the plugin.
"""
