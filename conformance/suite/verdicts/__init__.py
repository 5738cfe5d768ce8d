"""Turns a recording into verdicts: pure functions of the rules, the plan and the exchanges.

A refusal counts only if its twin was accepted. What could not be found out is `blocked`, with the reason; what a server
does not offer, an operation or a model, is `unsupported`. Neither is ever held against it. ``rulings`` is the table of
what each status says of a request, ``evidence`` what a verdict can rest on, ``offers`` what the server does not offer;
``cases``, ``answers`` and ``entries`` judge one kind of rule each, and ``judge`` chooses among them.
"""
