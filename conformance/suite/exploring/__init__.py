"""The random stage: random valid requests must be accepted with a conforming answer, random invalid ones refused.

``strategies`` has Schemathesis make the requests from the contract, ``settling`` turns one into a request that says
something new, ``stage`` sends them and lets Hypothesis shrink a failure.
"""
