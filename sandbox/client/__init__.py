"""The Python client. `from sandbox import Client, Job`; this folder needs grpcio and protobuf, and nothing else.

`job.py` and `matrix.py` build requests, `aio.py` and `sync.py` are the clients, `fake.py` is one for tests. A job's way
to its answer: `dispatch.py` (tries, deadlines), `fleet.py` (which server), then `connection.py` for one call, or
`batch.py` and `lane.py` for many jobs on streams. `actions.py` and `actions_sync.py` are `client.actions`, over
`action_calls.py`. `wire.py` says what each failure of a call means, `errors.py` what is raised.
"""

from sandbox.client.aio import AsyncClient
from sandbox.client.errors import Rejected, Unreachable
from sandbox.client.fake import FakeAsyncClient, FakeClient
from sandbox.client.job import Job
from sandbox.client.memory import Counts
from sandbox.client.settings import Settings
from sandbox.client.sync import Client

__all__ = [
    "AsyncClient",
    "Client",
    "Counts",
    "FakeAsyncClient",
    "FakeClient",
    "Job",
    "Rejected",
    "Settings",
    "Unreachable",
]
