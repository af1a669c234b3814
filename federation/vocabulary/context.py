"""What our words mean: the JSON-LD context put inline in each document, as small as it needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from federation.names import AS2, CID_V1, FEDCOMMUNE, SECURITY_V1

PREFIXES: Final[Mapping[str, str]] = {
    "toot": "http://joinmastodon.org/ns#",
    "schema": "http://schema.org#",
    "ical": "http://www.w3.org/2002/12/cal/ical#",
    "ostatus": "http://ostatus.org#",
    "litepub": "http://litepub.social/ns#",
    "gts": "https://gotosocial.org/ns#",
    "mz": "https://joinmobilizon.org/ns#",
    "wf": "https://purl.archive.org/socialweb/webfinger#",
    "fep7aa9": "https://w3id.org/fep/7aa9#",
    "fep8a8e": "https://w3id.org/fep/8a8e/",
    "vf": "https://w3id.org/valueflows/ont/vf#",
    "om2": "http://www.ontology-of-units-of-measure.org/resource/om-2/",
    "flohmarkt": "https://codeberg.org/flohmarkt/flohmarkt/ns#",
    "cm": FEDCOMMUNE,
}


def _id(term: str) -> dict[str, str]:
    return {"@id": term, "@type": "@id"}


def _ids(term: str) -> dict[str, str]:
    return {"@id": term, "@type": "@id", "@container": "@set"}


# Every word that ActivityStreams itself does not define, and that we write.
TERMS: Final[Mapping[str, str | dict[str, str]]] = {
    "Hashtag": "as:Hashtag",
    "sensitive": "as:sensitive",
    "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
    "movedTo": _id("as:movedTo"),
    "Emoji": "toot:Emoji",
    "discoverable": "toot:discoverable",
    "indexable": "toot:indexable",
    "memorial": "toot:memorial",
    "suspended": "toot:suspended",
    "featured": _id("toot:featured"),
    "votersCount": "toot:votersCount",
    "blurhash": "toot:blurhash",
    "focalPoint": {"@id": "toot:focalPoint", "@container": "@list"},
    "conversation": "ostatus:conversation",
    "directMessage": "litepub:directMessage",
    "webfinger": "wf:webfinger",
    "implements": {
        "@id": "https://w3id.org/fep/844e/implements",
        "@type": "@id",
        "@container": "@list",
    },
    "PropertyValue": "schema:PropertyValue",
    "value": "schema:value",
    "PostalAddress": "schema:PostalAddress",
    "VirtualLocation": "schema:VirtualLocation",
    "address": _id("schema:address"),
    "streetAddress": "schema:streetAddress",
    "postalCode": "schema:postalCode",
    "addressLocality": "schema:addressLocality",
    "addressRegion": "schema:addressRegion",
    "addressCountry": "schema:addressCountry",
    "sameAs": _ids("schema:sameAs"),
    "relatedWith": _ids("cm:relatedWith"),
    "withRegardTo": _id("cm:withRegardTo"),
    "interactionPolicy": _id("gts:interactionPolicy"),
    "automaticApproval": _id("gts:automaticApproval"),
    "manualApproval": _id("gts:manualApproval"),
    "canLike": _id("gts:canLike"),
    "canReply": _id("gts:canReply"),
    "canAnnounce": _id("gts:canAnnounce"),
    "canQuote": _id("gts:canQuote"),
    "canFeature": _id("fep7aa9:canFeature"),
    "quote": _id("https://w3id.org/fep/044f#quote"),
    "quoteAuthorization": _id("https://w3id.org/fep/044f#quoteAuthorization"),
    "QuoteAuthorization": "https://w3id.org/fep/044f#QuoteAuthorization",
    "QuoteRequest": "https://w3id.org/fep/044f#QuoteRequest",
    "interactingObject": _id("gts:interactingObject"),
    "interactionTarget": _id("gts:interactionTarget"),
    "quoteUri": "http://fedibird.com/ns#quoteUri",
    "_misskey_quote": "https://misskey-hub.net/ns#_misskey_quote",
    "FeaturedCollection": "fep7aa9:FeaturedCollection",
    "FeaturedItem": "fep7aa9:FeaturedItem",
    "FeatureRequest": "fep7aa9:FeatureRequest",
    "FeatureAuthorization": "fep7aa9:FeatureAuthorization",
    "topic": _id("fep7aa9:topic"),
    "featuredObject": _id("fep7aa9:featuredObject"),
    "featuredObjectType": "fep7aa9:featuredObjectType",
    "featureAuthorization": _id("fep7aa9:featureAuthorization"),
    "featuredCollections": _id("fep7aa9:featuredCollections"),
    "Member": "mz:Member",
    "role": "mz:role",
    "members": _id("mz:members"),
    "openness": "mz:openness",
    "upcomingEvents": _id("fep8a8e:upcomingEvents"),
    "organizers": _id("fep8a8e:organizers"),
    "attendees": _id("fep8a8e:attendees"),
    "eventStatus": _id("fep8a8e:eventStatus"),
    "previousStartTime": "fep8a8e:previousStartTime",
    "displayEndTime": "fep8a8e:displayEndTime",
    "contacts": _ids("mz:contacts"),
    "joinMode": "mz:joinMode",
    "timezone": "mz:timezone",
    "repliesModerationOption": "mz:repliesModerationOption",
    "anonymousParticipationEnabled": "mz:anonymousParticipationEnabled",
    "participantCount": "mz:participantCount",
    "isOnline": "mz:isOnline",
    "externalParticipationUrl": "mz:externalParticipationUrl",
    "category": "schema:category",
    "maximumAttendeeCapacity": "schema:maximumAttendeeCapacity",
    "remainingAttendeeCapacity": "schema:remainingAttendeeCapacity",
    "status": "ical:status",
    "kind": "cm:kind",
    "territory": "cm:territory",
    "codeInsee": "cm:codeInsee",
    "feeds": _ids("cm:feeds"),
    "roles": {"@id": "cm:roles", "@container": "@set"},
    "rules": "cm:rules",
    "Intent": "vf:Intent",
    "purpose": "vf:purpose",
    "publishes": "vf:publishes",
    "reciprocal": "vf:reciprocal",
    "action": "vf:action",
    "resourceConformsTo": "vf:resourceConformsTo",
    "resourceQuantity": "vf:resourceQuantity",
    "hasUnit": "om2:hasUnit",
    "hasNumericalValue": "om2:hasNumericalValue",
    "severity": "cm:severity",
}

# Words that are defined by a context of somebody else, which we name then.
_ELSEWHERE: Final[Mapping[str, str]] = {
    "publicKey": SECURITY_V1,
    "publicKeyPem": SECURITY_V1,
    "owner": SECURITY_V1,
    "assertionMethod": CID_V1,
    "Multikey": CID_V1,
    "controller": CID_V1,
    "publicKeyMultibase": CID_V1,
}

CONTEXT: Final[list[Any]] = [AS2, SECURITY_V1, CID_V1, {**PREFIXES, **TERMS}]


def with_context(document: Mapping[str, Any], *, contexts: Iterable[str] = ()) -> dict[str, Any]:
    """Return *document* with an ``@context`` first that defines each word it uses, and no more.

    *contexts* are further IRIs to name, after ActivityStreams. An ``@context`` of before is
    replaced. Source: W-DOC-03, W-DOC-10, product rule "inline context".
    """
    words: dict[str, None] = {}
    _collect(document, words)
    # In this order: cid/v1 protects its words against whoever redefines them afterwards.
    elsewhere = {_ELSEWHERE[word] for word in words if word in _ELSEWHERE}
    named = [iri for iri in (SECURITY_V1, CID_V1) if iri in elsewhere]
    definitions = {word: definition for word, definition in TERMS.items() if word in words}
    prefixes = {_prefix(word) for word in words}
    for definition in definitions.values():
        prefixes.add(_prefix(definition if isinstance(definition, str) else definition["@id"]))
    used = {name: iri for name, iri in PREFIXES.items() if name in prefixes}
    context: list[Any] = list(dict.fromkeys([AS2, *named, *contexts]))
    if definitions or used:
        context.append({**used, **definitions})
    return {
        "@context": context if len(context) > 1 else AS2,
        **{name: value for name, value in document.items() if name != "@context"},
    }


def _prefix(word: str) -> str:
    return word.partition(":")[0] if ":" in word else ""


def _collect(value: Any, words: dict[str, None]) -> None:
    """Put the property and type names of *value*, partly a stranger's, into *words*."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            words[name] = None
            if name == "type":
                kinds = inner if isinstance(inner, list | tuple) else [inner]
                words.update(dict.fromkeys(each for each in kinds if isinstance(each, str)))
            elif name not in ("contentMap", "nameMap", "summaryMap", "@context"):
                _collect(inner, words)
    elif isinstance(value, list | tuple):
        for item in value:
            _collect(item, words)
