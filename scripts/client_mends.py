"""The defects of the client generator (openapi-python-client) and how each is mended.

A contract can't avoid these defects. Editing the generated client would be undone by the next generation, and copies of
whole templates would hide what is ours and miss what is repaired upstream. So each defect has one mend: a name, the
reason, the upstream issue, and the few places of the generator's templates that change. No mend builds on another one,
so each can be deleted alone when the generator no longer needs it.
"""

from scripts.client_file_mends import FILE_MENDS
from scripts.mending import Edit, Mend

_CLIENT = "client.py.jinja"
_ENDPOINT = "endpoint_module.py.jinja"
_LIST = "property_templates/list_property.py.jinja"
_MODEL = "model.py.jinja"
_TYPES = "types.py.jinja"
_UNION = "property_templates/union_property.py.jinja"

_AUTHORIZATION = r"f\"{self.prefix} {self.token}\" if self.prefix else self.token"

MENDS = (
    Mend(
        name="random boundary",
        reason=(
            "The boundary between the parts of a form is the constant +++, so a prompt that holds it adds form fields "
            "of its own. A random one can't be foreseen. It is set here rather than by httpx, which would let a "
            "Content-Type among the client's headers win."
        ),
        upstream="introduced by #1005",
        edits=[
            Edit(_ENDPOINT, "import httpx\n", "import httpx\nimport secrets\n"),
            Edit(
                _ENDPOINT,
                'headers["Content-Type"] = "multipart/form-data; boundary=+++"',
                'headers["Content-Type"] = f"multipart/form-data; boundary={secrets.token_hex(16)}"',
                times=2,
            ),
        ],
    ),
    Mend(
        name="finite time-out",
        reason=(
            "Without a time-out a server that never answers blocks its caller for ever. Ten minutes are enough for ten "
            "images of a slow server; ten seconds are enough to connect."
        ),
        upstream="none known",
        edits=[
            Edit(
                _CLIENT,
                "_timeout: httpx.Timeout | None = field(default=None, kw_only=True",
                "_timeout: httpx.Timeout | None = field(default=httpx.Timeout(600.0, connect=10.0), kw_only=True",
            ),
            Edit(
                _CLIENT,
                "httpx.TimeoutException if this is exceeded.\n",
                "httpx.TimeoutException if this is exceeded. Default value is ten minutes, ten seconds to connect.\n",
            ),
        ],
    ),
    Mend(
        name="no secrets in repr",
        reason=(
            "repr(client) ends up in logs and tracebacks. It showed the token, and the headers, cookies and httpx "
            "arguments, which can carry one as well."
        ),
        upstream="none known",
        edits=[
            Edit(
                _CLIENT,
                '"token": namespace(type="str", default="",',
                '"token": namespace(type="str", default="field(repr=False)",',
            ),
            Edit(_CLIENT, 'kw_only=True, alias="cookies")', 'kw_only=True, alias="cookies", repr=False)'),
            Edit(_CLIENT, 'kw_only=True, alias="headers")', 'kw_only=True, alias="headers", repr=False)'),
            Edit(_CLIENT, 'kw_only=True, alias="httpx_args")', 'kw_only=True, alias="httpx_args", repr=False)'),
        ],
    ),
    Mend(
        name="token stays in its client",
        reason=(
            "The Authorization header was written into the caller's own dict of headers, so that another client made "
            "with the same dict sent the token too, perhaps to another server."
        ),
        upstream="none known",
        edits=[
            Edit(
                _CLIENT,
                rf'"self._headers[self.auth_header_name] = {_AUTHORIZATION}"',
                rf'"self._headers = {{**self._headers, self.auth_header_name: {_AUTHORIZATION}}}"',
            ),
        ],
    ),
    Mend(
        name="token fits a header",
        reason=(
            "A token with the line break of the file that it was read from can't be sent, and the error that says so, "
            "far from where the token came from, showed it. Such a token is now refused at once, unseen."
        ),
        upstream="none known",
        edits=[
            Edit(
                _CLIENT,
                '{{ builders("AuthenticatedClient") }}\n',
                "    def __attrs_post_init__(self) -> None:\n"
                "        token = self.token\n"
                "        if not (token.isascii() and token.isprintable() and token == token.strip()):\n"
                '            raise ValueError("the token has white space at an end, or what no header can hold")\n'
                '{{ builders("AuthenticatedClient") }}\n',
            ),
        ],
    ),
    Mend(
        name="a new client leaves the old one alone",
        reason=(
            "with_headers, with_cookies and with_timeout promise a new client, but once the old one had made a call "
            "they changed that one too, so that a header meant for one call went with all."
        ),
        upstream="none known",
        edits=[
            Edit(
                _CLIENT,
                f"        if self._client is not None:\n            self._client.{change}\n"
                f"        if self._async_client is not None:\n            self._async_client.{change}\n",
                "",
            )
            for change in ("headers.update(headers)", "cookies.update(cookies)", "timeout = timeout")
        ],
    ),
    Mend(
        name="any status",
        reason=(
            "HTTPStatus(520) raises ValueError, so an answer with a status that has no name, as proxies send, never "
            "reached the caller. Such a status is now a plain int."
        ),
        upstream="#1442",
        edits=[
            Edit(_TYPES, "from attrs import define\n", "from attrs import define, field\n"),
            Edit(
                _TYPES,
                'T = TypeVar("T")\n',
                'T = TypeVar("T")\n'
                "\n\n"
                "def _named_status(code: int) -> HTTPStatus | int:\n"
                "    try:\n"
                "        return HTTPStatus(code)\n"
                "    except ValueError:\n"
                "        return code\n",
            ),
            Edit(
                _TYPES,
                "    status_code: HTTPStatus\n",
                "    # An HTTPStatus, or a plain int if the status has no name\n"
                "    status_code: HTTPStatus | int = field(converter=_named_status)\n",
            ),
            Edit(_ENDPOINT, "status_code=HTTPStatus(response.status_code)", "status_code=response.status_code"),
        ],
    ),
    Mend(
        name="answers are freed at once",
        reason=(
            "httpx has a response and its stream refer to each other, so that an answer of several megabytes stays in "
            "memory until the garbage collector comes by, which few but large objects hardly make it do. The body "
            "was read by then, so the stream is let go of."
        ),
        upstream="none known",
        edits=[
            Edit(
                _ENDPOINT,
                "    return Response(\n",
                "    # A stream refers back to its response, so that neither would be freed when the caller is done\n"
                '    response.stream = httpx.ByteStream(b"")\n'
                "    return Response(\n",
            ),
        ],
    ),
    Mend(
        name="any body",
        reason=(
            "A body that is not what its status promises (the HTML page of a proxy, nothing at all, an error in "
            "another shape) raised one of five exceptions, and status and content were lost with it. `parsed` is now "
            "None. RecursionError comes from a body of many thousand nested brackets."
        ),
        upstream="#678",
        edits=[
            Edit(
                _TYPES,
                '""" A response from an endpoint """',
                '"""A response from an endpoint; `parsed` is None if the body is not what the status promises"""',
            ),
            Edit(
                _ENDPOINT,
                "    return Response(\n",
                "    parsed: {{ return_string | as_unembedded_code }} | None\n"
                "    try:\n"
                "        parsed = _parse_response(client=client, response=response)\n"
                "    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):\n"
                "        parsed = None\n"
                "    return Response(\n",
            ),
            Edit(_ENDPOINT, "parsed=_parse_response(client=client, response=response)", "parsed=parsed"),
        ],
    ),
    Mend(
        name="lists are lists, objects are objects",
        reason=(
            "A list of pairs was read as an object, and an empty object or string as an empty list, so that a wrong "
            "body looked like a right one without images."
        ),
        upstream="none known",
        edits=[
            Edit(_MODEL, "        d = dict(src_dict)\n", "        d = {**src_dict}\n"),
            Edit(
                _LIST,
                "for {{ inner_source }} in (_{{ property.python_name }}):\n",
                "if isinstance(_{{ property.python_name }}, (dict, str)):\n"
                '    raise TypeError("{{ property.python_name }} is not a list")\n'
                "for {{ inner_source }} in _{{ property.python_name }}:\n",
            ),
        ],
    ),
    *FILE_MENDS,
    Mend(
        name="one UNSET",
        reason=(
            "What is unset is known by identity, so a deep copy or an unpickled request sent its unset fields. Copies "
            "and pickles of UNSET are now UNSET itself."
        ),
        upstream="none known",
        edits=[
            Edit(
                _TYPES,
                "    def __bool__(self) -> Literal[False]:\n        return False\n",
                "    def __bool__(self) -> Literal[False]:\n"
                "        return False\n"
                "\n"
                "    def __reduce__(self) -> str:\n"
                '        return "UNSET"\n',
            ),
        ],
    ),
    Mend(
        name="strict types",
        reason=(
            "A strict type checker refused lists without a type of their items, and asked why a str or literal is "
            "tested for being a str. A literal is sent as any other text."
        ),
        upstream="none known",
        edits=[
            Edit(
                _LIST,
                "{{ property.python_name }} = []\n_{{ property.python_name }} = {{ source }}\n",
                "{{ property.python_name }}: "
                "{{ property.get_type_string(no_optional=True) | as_unembedded_code }} = []\n"
                "_{{ property.python_name }} = {{ source }}\n",
            ),
            Edit(
                _LIST,
                "{{ destination }} = []\n",
                "{{ destination }}{% if property.required %}: "
                "{{ property.get_type_string(json=True, no_optional=True) | as_unembedded_code }}{% endif %} = []\n",
            ),
            Edit(
                _UNION,
                "    {% if not inner_template.transform %}\n",
                "    {% if not inner_template.transform or "
                'inner_property.template == "literal_enum_property.py.jinja" %}\n',
            ),
            Edit(
                _UNION,
                "{% set ns = namespace(has_if = false) %}\n",
                "{% set ns = namespace(has_if = false) %}\n"
                '{% if property.inner_properties | map(attribute="template") | sort | list\n'
                '    == ["any_property.py.jinja", "literal_enum_property.py.jinja"] %}\n'
                'files.append(({{ destination }}, (None, str({{ source }}).encode(), "text/plain")))\n'
                "{% else %}\n",
            ),
            Edit(
                _UNION,
                "| indent(4) | trim }}\n{%- endfor -%}\n",
                "| indent(4) | trim }}\n{%- endfor -%}\n{% endif %}\n",
            ),
        ],
    ),
)
