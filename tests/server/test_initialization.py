from __future__ import annotations

from typing import Any

import pytest

from jido_server.errors import InvalidParams
from jido_server.server.initialization import initialize_result, read_initialization


@pytest.mark.parametrize(
    ("params", "root"),
    [
        (None, None),
        ({}, None),
        ({"rootUri": None, "workspaceFolders": None}, None),
        ({"rootUri": "file:///a%20b/c"}, "/a b/c"),
        ({"rootPath": "/old"}, "/old"),
        ({"rootUri": "file:///new", "rootPath": "/old"}, "/new"),
        ({"workspaceFolders": [{"uri": "file:///f", "name": "f"}], "rootUri": "file:///r"}, "/f"),
        ({"workspaceFolders": [], "rootUri": "file:///r"}, "/r"),
        ({"workspaceFolders": ["odd"], "rootUri": "file:///r"}, "/r"),
        ({"rootUri": "untitled:x", "rootPath": ""}, None),
    ],
)
def test_the_root_is_the_first_that_is_named(params: Any, root: str | None) -> None:
    assert read_initialization(params).root == root


def test_options_have_defaults() -> None:
    options = read_initialization({"initializationOptions": None}).options
    assert (options.max_sessions, options.suppress_deprecation_warnings) == (64, False)
    given = {"maxSessions": 3, "suppressDeprecationWarnings": True}
    options = read_initialization({"initializationOptions": given}).options
    assert (options.max_sessions, options.suppress_deprecation_warnings) == (3, True)


@pytest.mark.parametrize("process_id", ["1", 1.5, True, {}])
def test_a_process_id_is_an_integer_or_null(process_id: Any) -> None:
    with pytest.raises(InvalidParams):
        read_initialization({"processId": process_id})


def test_what_lsp_adds_is_let_through() -> None:
    assert read_initialization({"processId": 5, "clientInfo": {}, "locale": "de"}).process_id == 5


def test_the_answer_announces_every_method() -> None:
    jido = initialize_result()["capabilities"]["experimental"]["jido"]
    assert jido["protocolVersion"] == 1
    assert {"jido/session/open", "jido/manager/runLua"} <= set(jido["methods"])
    assert jido["notifications"] == ["jido/state/updateStreaming", "jido/session/update"]
