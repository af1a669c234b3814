"""Every string of the protocol, once."""

from __future__ import annotations

from typing import Final

PUBLIC: Final = "https://www.w3.org/ns/activitystreams#Public"
PUBLIC_SPELLINGS: Final = frozenset({PUBLIC, "as:Public", "Public"})

AS2: Final = "https://www.w3.org/ns/activitystreams"
AS2_SPELLINGS: Final = frozenset({AS2, AS2 + "#", "http://www.w3.org/ns/activitystreams"})
SECURITY_V1: Final = "https://w3id.org/security/v1"
DATA_INTEGRITY_V2: Final = "https://w3id.org/security/data-integrity/v2"
CID_V1: Final = "https://www.w3.org/ns/cid/v1"
FEDCOMMUNE: Final = "https://w3id.org/fedcommune/ns#"

ACTIVITY_JSON: Final = "application/activity+json"
LD_JSON: Final = "application/ld+json"
LD_JSON_AS2: Final = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
JRD_JSON: Final = "application/jrd+json"
XRD_XML: Final = "application/xrd+xml"

ACTORS: Final = frozenset({"Person", "Group", "Organization", "Service", "Application"})
POSTS: Final = frozenset(
    {"Note", "Question", "Article", "Page", "Event", "Image", "Video", "Audio", "Document"}
    | {"Proposal"}
)
COLLECTIONS: Final = frozenset(
    {"Collection", "OrderedCollection", "CollectionPage", "OrderedCollectionPage"}
)
# Activities that may travel without an id (docs: wire requirement W-IN, step 6).
TRANSIENT: Final = frozenset({"Add", "Follow", "Accept", "Reject", "Remove", "Undo", "Flag"})

MAX_INBOX_BODY: Final = 1024 * 1024
MAX_OUTGOING_BODY: Final = 60 * 1024
MAX_DOCUMENT: Final = 1024 * 1024
MAX_DISCOVERY: Final = 256 * 1024
