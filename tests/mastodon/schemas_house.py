"""The entities about the server, its applications and its texts, as Mastodon documents them."""

from __future__ import annotations

from typing import Any

from tests.mastodon.schemas import (
    ACCOUNT,
    CARD,
    HISTORY,
    Check,
    address,
    both,
    count,
    day,
    identifier,
    listed,
    mapped,
    maybe,
    moment,
    number,
    one_of,
    shaped,
    text,
    truth,
)


def nothing(value: Any, where: str) -> None:
    """An empty object."""
    assert value == {}, f"{where}: {value!r} is not empty"


def optional(shape: dict[str, Check]) -> Check:
    """An object with some of these fields, and no others."""

    def check(value: Any, where: str) -> None:
        assert isinstance(value, dict), f"{where}: {value!r} is no object"
        strange = value.keys() - shape.keys()
        assert not strange, f"{where}: {sorted(strange)} are unknown"
        for name, given in value.items():
            shape[name](given, f"{where}.{name}")

    return check


APPLICATION = shaped(
    {
        "id": identifier,
        "name": text,
        "website": maybe(address),
        "scopes": listed(text),
        "redirect_uris": listed(text),
        "redirect_uri": text,
        "vapid_key": text,
    }
)
CREDENTIAL_APPLICATION = both(
    APPLICATION,
    shaped({"client_id": text, "client_secret": text, "client_secret_expires_at": count}),
)
TOKEN = shaped(
    {"access_token": text, "token_type": one_of("Bearer"), "scope": text, "created_at": count}
)
USERINFO = shaped(
    {
        "iss": address,
        "sub": address,
        "name": text,
        "preferred_username": text,
        "profile": address,
        "picture": address,
    }
)
METADATA = shaped(
    {
        "issuer": address,
        "authorization_endpoint": address,
        "token_endpoint": address,
        "revocation_endpoint": address,
        "userinfo_endpoint": address,
        "app_registration_endpoint": address,
        "scopes_supported": listed(text),
        "response_types_supported": listed(text),
        "response_modes_supported": listed(text),
        "grant_types_supported": listed(text),
        "token_endpoint_auth_methods_supported": listed(text),
        "code_challenge_methods_supported": listed(one_of("S256")),
    }
)
RULE = shaped({"id": identifier, "text": text, "hint": text})
_STATUSES = shaped(
    {
        "max_characters": count,
        "max_media_attachments": count,
        "characters_reserved_per_url": count,
    }
)
_MEDIA = shaped(
    {
        "supported_mime_types": listed(text),
        "image_size_limit": count,
        "image_matrix_limit": count,
        "video_size_limit": count,
        "video_frame_rate_limit": count,
        "video_matrix_limit": count,
    }
)
_POLLS = shaped(
    {
        "max_options": count,
        "max_characters_per_option": count,
        "min_expiration": count,
        "max_expiration": count,
    }
)
_FEEDS = shaped(
    {
        "local": one_of("public", "authenticated", "disabled"),
        "remote": one_of("public", "authenticated", "disabled"),
    }
)
INSTANCE = shaped(
    {
        "domain": text,
        "title": text,
        "version": text,
        "source_url": address,
        "description": text,
        "usage": shaped({"users": shaped({"active_month": count})}),
        "thumbnail": shaped({"url": address, "blurhash": maybe(text), "versions": mapped(address)}),
        "icon": listed(shaped({"src": address, "size": text})),
        "languages": listed(text),
        "configuration": shaped(
            {
                "urls": shaped(
                    {
                        "streaming": text,
                        "about": maybe(address),
                        "privacy_policy": maybe(address),
                        "terms_of_service": maybe(address),
                    }
                ),
                "vapid": shaped({"public_key": text}),
                "accounts": shaped(
                    {
                        "max_featured_tags": count,
                        "max_pinned_statuses": count,
                        "max_profile_fields": count,
                        "profile_field_name_limit": count,
                        "profile_field_value_limit": count,
                    }
                ),
                "statuses": _STATUSES,
                "media_attachments": both(_MEDIA, shaped({"description_limit": count})),
                "polls": _POLLS,
                "translation": shaped({"enabled": truth}),
                "timelines_access": shaped(
                    {"live_feeds": _FEEDS, "hashtag_feeds": _FEEDS, "trending_link_feeds": _FEEDS}
                ),
                "limited_federation": truth,
            }
        ),
        "registrations": shaped(
            {
                "enabled": truth,
                "approval_required": truth,
                "reason_required": maybe(truth),
                "message": maybe(text),
                "min_age": maybe(count),
                "url": maybe(address),
            }
        ),
        "api_versions": both(mapped(number), shaped({"mastodon": count})),
        "contact": shaped({"email": text, "account": maybe(ACCOUNT)}),
        "rules": listed(RULE),
    }
)
INSTANCE_V1 = shaped(
    {
        "uri": text,
        "title": text,
        "short_description": text,
        "description": text,
        "email": text,
        "version": text,
        "urls": shaped({"streaming_api": text}),
        "stats": shaped({"user_count": count, "status_count": count, "domain_count": count}),
        "thumbnail": maybe(address),
        "languages": listed(text),
        "registrations": truth,
        "approval_required": truth,
        "invites_enabled": truth,
        "configuration": shaped(
            {
                "accounts": shaped({"max_featured_tags": count}),
                "statuses": _STATUSES,
                "media_attachments": _MEDIA,
                "polls": _POLLS,
            }
        ),
        "contact_account": maybe(ACCOUNT),
        "rules": listed(RULE),
    }
)
WEEK = shaped(
    {"week": identifier, "statuses": identifier, "logins": identifier, "registrations": identifier}
)
DOMAIN_BLOCK = shaped(
    {
        "domain": text,
        "digest": text,
        "severity": one_of("silence", "suspend"),
        "comment": maybe(text),
    }
)
EXTENDED_DESCRIPTION = shaped({"updated_at": moment, "content": text})
PRIVACY_POLICY = EXTENDED_DESCRIPTION
TERMS = shaped(
    {"effective_date": day, "effective": truth, "content": text, "succeeded_by": maybe(day)}
)
TRENDS_LINK = both(CARD, shaped({"history": listed(HISTORY)}))
_REACTION = shaped({"name": text, "count": count})
ANNOUNCEMENT = shaped(
    {
        "id": identifier,
        "content": text,
        "starts_at": maybe(moment),
        "ends_at": maybe(moment),
        "published": truth,
        "all_day": truth,
        "published_at": moment,
        "updated_at": moment,
        "read": truth,
        "mentions": listed(shaped({"id": identifier, "acct": text})),
        "statuses": listed(shaped({"id": identifier, "url": address})),
        "tags": listed(shaped({"name": text, "url": address})),
        "emojis": listed(shaped({"shortcode": text})),
        "reactions": listed(_REACTION),
    }
)
