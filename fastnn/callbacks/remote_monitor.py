"""Sends the logs of each epoch to a server."""

import json
import warnings

import numpy as np

from .callback import Callback

_PATIENCE = 10
"""Seconds that a server has for its answer."""


class RemoteMonitor(Callback):
    """Sends the epoch's number (from 0) and logs to a server, as HTTP POST, when an epoch ends.

    Nothing but these is sent. A server that cannot be reached is warned of.

    Parameters
    ----------
    root : str
        Address of the server.
    path : str
        Where on the server.
    field : str
        Name of the form's field that has the logs as JSON.
    headers : dict, optional
        Further headers.
    send_as_json : bool
        Whether the logs are sent as JSON by themselves, not in a form.
    """

    def __init__(
        self,
        root="http://localhost:9000",
        path="/publish/epoch/end/",
        field="data",
        headers=None,
        send_as_json=False,
    ):
        self.root = root
        self.path = path
        self.field = field
        self.headers = headers
        self.send_as_json = send_as_json

    def on_epoch_end(self, epoch, logs=None):
        import http.client
        import urllib.error
        import urllib.parse
        import urllib.request

        send = {"epoch": epoch}
        for name, value in (logs or {}).items():
            send[name] = value.item() if isinstance(value, (np.ndarray, np.generic)) else value
        text, kind = json.dumps(send), "application/json"
        if not self.send_as_json:
            text, kind = urllib.parse.urlencode({self.field: text}), "application/x-www-form-urlencoded"
        headers = {"Content-Type": kind, **(self.headers or {})}
        try:
            request = urllib.request.Request(self.root + self.path, text.encode(), headers, method="POST")
            with urllib.request.urlopen(request, timeout=_PATIENCE):
                pass
        except urllib.error.HTTPError:
            pass  # it was reached
        except (OSError, ValueError, http.client.HTTPException):
            warnings.warn(f"Could not reach RemoteMonitor root server at {self.root}", stacklevel=2)
