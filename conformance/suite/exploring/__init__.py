"""What is sent in view of what came of the plan: again what would be held against the server, and random requests.

``confirming`` sends again. In the random stage, valid requests must be accepted with a conforming answer, invalid ones
refused. ``kinds`` says of which kinds the values of a field are, ``combining`` chooses valid requests in which two
kinds meet for the first time, ``breaking`` invalid ones with little beside the fault, and ``strategies`` has
Schemathesis make further ones from the contract. ``settling`` turns each into a request that says something new,
``stage`` sends them, and ``shrinking`` makes what fails smaller, where Hypothesis doesn't.
"""
