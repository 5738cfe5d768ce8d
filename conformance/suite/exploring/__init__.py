"""What is sent in view of what came of the plan: again what would be held against the server, and random requests.

``confirming`` sends again. In the random stage, valid requests must be accepted with a conforming answer, invalid ones
refused: ``strategies`` has Schemathesis make them from the contract, ``settling`` turns one into a request that says
something new, ``stage`` sends them and lets Hypothesis shrink a failure.
"""
