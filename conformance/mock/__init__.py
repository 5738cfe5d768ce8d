"""The offline mock: the reference server, and around it what the author of a client needs beside correct answers.

``python -m conformance.mock`` runs it (``__main__``). ``app`` puts it together: the pages of the API reference
(``pages``) beside the operations of ``conformance.reference``.
"""

from conformance.mock.app import create_mock

__all__ = ["create_mock"]
