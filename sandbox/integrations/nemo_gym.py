"""NeMo Gym: what a resources server's `/verify` answers, as its JSON. The HTTP door answers it under `/verify`, too.

    class Server(SimpleResourcesServer):
        async def verify(self, body: Request) -> Response:
            return Response(**await verify(body.model_dump()))

The tests are `verifier_metadata` of a row (`unit_tests`, or any shape of `sandbox.tasks`). A fault raises Unscored,
which the server answers as an error, status 500, and the rollout is collected again; it is no reward of 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.integrations.core import Scorer, default


def reply_in(response: Mapping[str, Any]) -> str:
    """The text of the last message of a response, as the Responses API writes it."""
    said = [item for item in response.get("output") or () if item.get("type", "message") == "message"]
    content = said[-1].get("content", "") if said else ""
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


async def verify(body: Mapping[str, Any], scorer: Scorer | None = None) -> dict[str, Any]:
    """The body, with the reward and what it is made of."""
    score = await (scorer or default()).score(reply_in(body["response"]), body["verifier_metadata"])
    return {**body, "reward": score.reward, "passed": score.passed, "fraction": score.fraction, "status": score.status}
