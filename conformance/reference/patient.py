"""Reads with h11, which is slower, the requests that httptools doesn't read to their end."""

from uvicorn.protocols.http.h11_impl import H11Protocol

from conformance.reference.gathering import Gathers


class PatientProtocol(Gathers, H11Protocol):
    """Speaks HTTP as uvicorn does by h11, but for when it writes."""
