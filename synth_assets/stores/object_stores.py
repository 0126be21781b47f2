"""URLs of object stores: what the libraries that read and write them all take."""

from __future__ import annotations

import re

from synth_assets.core.errors import UserError

SCHEMES = ("s3", "gs", "abfs", "abfss", "file")
EXAMPLES = "s3://bucket/lake, gs://bucket/lake, abfss://container@account.dfs.core.windows.net/lake"
_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<host>[^/]*)")
# A URL whose slashes were forgotten; a folder of such a name is ``./s3:bucket``.
_WITHOUT_SLASHES = re.compile(rf"({'|'.join(SCHEMES)}):(?!//)", re.IGNORECASE)
# A login before the host, and what may be a signature.
_SECRETS = re.compile(r"(?<=://)[^/@]*@|\?.*")


def refuse_wrong_url(place: str, name: str) -> None:
    """Checks the URL of an object store; a path of this machine is right.

    Args:
        place: A URL, or a path.
        name: The variable or option that has it, for the message.

    Raises:
        UserError: It is a URL of another kind, or has no bucket, or spaces.
    """
    url = _URL.match(place)
    if url is None:
        right = not _WITHOUT_SLASHES.match(place)
    else:
        named = url["host"] or url["scheme"] == "file"
        right = bool(named and url["scheme"] in SCHEMES and not re.search(r"\s", place))
    if right:
        return
    subject = f"{name} = {_SECRETS.sub('', place)}".removeprefix(" = ")
    raise UserError(f"{subject}: must be a folder, or a URL such as {EXAMPLES}")
