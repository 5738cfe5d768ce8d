"""The suite: plans requests, sends them, judges the answers and reports.

A fact travels through the modules in this order: ``contract`` reads openapi.yaml, ``constraints`` finds each schema
keyword in it, ``rules`` names what a server must do about each, ``edits`` and ``plan`` choose the requests, ``send``
makes them and ``recording`` keeps what came back, ``judge`` turns that into verdicts, and ``report`` and its views show
them. Only ``send`` and ``properties`` talk to the server.
"""
