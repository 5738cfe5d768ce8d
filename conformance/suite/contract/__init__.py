"""The contract as data, and what can be asked of it.

``document`` reads the file and knows the line of every node; ``schema`` is a schema without indirection and ``reading``
makes one; ``operation`` says how one operation is called. ``constraints`` finds each keyword and asks it alone,
``inside`` and ``outside`` propose the values at its edge, ``places`` finds and changes values inside a JSON document.
"""
