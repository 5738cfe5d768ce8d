"""A correct server of the three Images endpoints: the yardstick of the suite, and an offline mock for client authors.

It reads the contract by itself and shares nothing with the suite, so that no misreading is shared. A request goes
through ``app`` (routes, key, media type), ``bodies`` or ``forms`` (bytes into fields), ``validation`` (fields against
the contract's schema), ``files`` (uploads against its prose), ``orders`` and ``drawing`` (what to draw), ``answers``
(what to send). Each of these steps is a field of ``Behaviour``, so that a server with one fault is the correct one
with one function replaced. ``python -m conformance.reference`` runs the correct one (``program``, ``workers``).

What it keeps in memory is bounded: ``Limits.store_bytes`` of uploads behind URLs (``names``, ``store``), and 16 MiB of
drawn images for a whole process (``drawing``).

A field that the contract gains costs no code here: ``fields`` finds its schema, ``readings`` what the parts of a form
stand for under it, and ``schemas`` judges it, with every keyword and ``formats``. Only what prose says is code.
"""

from conformance.reference.app import create_app
from conformance.reference.behaviour import Behaviour
from conformance.reference.contract import Operation, load_contract
from conformance.reference.errors import RefusedError
from conformance.reference.values import JsonValue, Limits, Order, Part, Picture, Submission, Values

__all__ = [
    "Behaviour",
    "JsonValue",
    "Limits",
    "Operation",
    "Order",
    "Part",
    "Picture",
    "RefusedError",
    "Submission",
    "Values",
    "create_app",
    "load_contract",
]
