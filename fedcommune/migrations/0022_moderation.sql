-- What moderators do, and what becomes of it: who is shown less, which servers and addresses are
-- kept away, what people are told about it.

alter table commune.account
    add column silenced_at timestamptz,                 -- shown to those who follow, alone
    add column sensitised_at timestamptz;               -- all they attach is behind a warning
create index account_silenced on commune.account (id) where silenced_at is not null;
alter table commune.citizen add column disabled_at timestamptz;     -- may not sign in

-- A host that somebody decided about has a decision_id; its policy may be to treat it as any other.
alter table commune.host
    add column decision_id bigint unique,
    add column reject_media boolean not null default false,
    add column reject_reports boolean not null default false,
    add column public_comment text not null default '',
    add column obfuscate boolean not null default false;
update commune.host
set decision_id = numbered.id
from (
    select name,
           ((extract(epoch from coalesce(policy_at, first_seen_at)) * 1000)::bigint << 16)
               + row_number() over (order by name) as id
    from commune.host
    where policy <> 'open'
) numbered
where numbered.name = host.name;
create index host_restrained on commune.host (name) where policy <> 'open';

create table commune.host_allowance (
    id bigint primary key,
    host text collate "C" not null unique,
    created_at timestamptz not null
);

-- From where nobody signs up: the domains of e-mail addresses, networks, single addresses.
create table commune.email_domain_block (
    id bigint primary key,
    domain text collate "C" not null unique,
    allow_with_approval boolean not null default false,
    created_at timestamptz not null
);
create table commune.ip_block (
    id bigint primary key,
    network cidr not null unique,
    severity text not null
        check (severity in ('sign_up_requires_approval', 'sign_up_block', 'no_access')),
    comment text not null default '',
    created_at timestamptz not null,
    expires_at timestamptz
);
create table commune.canonical_email_block (
    id bigint primary key,
    email_hash text collate "C" not null unique,        -- SHA-256, in hexadecimal digits
    created_at timestamptz not null
);

alter table commune.report
    add column assigned_id bigint references commune.account on delete set null,
    add column closed_by_id bigint references commune.account on delete set null,
    add column updated_at timestamptz;
update commune.report set updated_at = coalesce(closed_at, created_at);
create index report_account on commune.report (account_id, id desc);

-- What somebody was told that moderators did about them.
create table commune.strike (
    id bigint primary key,
    account_id bigint not null references commune.account on delete cascade,
    by_id bigint references commune.account on delete set null,
    action text not null check (action in (
        'none', 'disable', 'mark_statuses_as_sensitive', 'delete_statuses', 'sensitive', 'silence',
        'suspend')),
    text text not null default '',
    report_id bigint references commune.report on delete set null,
    post_ids bigint[] not null default '{}',
    created_at timestamptz not null
);
create index strike_account on commune.strike (account_id, id desc);

-- Follows that were cut because of a decision about a server.
create table commune.severance (
    id bigint primary key,
    type text not null check (type in ('domain_block', 'user_domain_block', 'account_suspension')),
    target text not null,
    created_at timestamptz not null
);
create table commune.severed (
    severance_id bigint not null references commune.severance on delete cascade,
    account_id bigint not null references commune.account on delete cascade,
    followers integer not null,
    following integer not null,
    primary key (severance_id, account_id)
);
create index severed_account on commune.severed (account_id);

-- A notification may be about a strike, a report or a severance, of which there may be several.
alter table commune.notification add column about_id bigint;
drop index commune.notification_once;
create unique index notification_once on commune.notification (
    account_id, kind, from_id, coalesce(post_id, 0), coalesce(collection_id, 0),
    coalesce(about_id, 0));

alter table commune.measure
    add column report_id bigint,
    add column about text not null default '';          -- a network, a domain, an address's digest
create index measure_account on commune.measure (account_id, id desc);

-- Whether somebody is shown to those who follow them, alone: by themselves, or by their server,
-- that of their handle or that of their id (SEC-MOD-01).
create function commune.is_limited(account commune.account) returns boolean
    language sql stable parallel safe
    return account.silenced_at is not null
        or (
            not account.local
            and exists (
                select from commune.host
                where host.policy = 'limited'
                  and (
                      commune.is_of_host(account.domain, host.name)
                      or commune.is_of_host(split_part(account.actor_id, '/', 3), host.name)
                  )
            )
        );

-- What becomes of a notification because whoever did something is limited.
create function commune.limited_treatment(told_id bigint, teller_id bigint, what text)
    returns text language sql stable as $$
    select case
        when what in ('moderation_warning', 'severed_relationships', 'admin.report',
                      'admin.sign_up', 'move', 'update')
            then 'accept'
        when not (
            select commune.is_limited(account) from commune.account where account.id = teller_id
        ) then 'accept'
        when exists (
            select from commune.follow
            where follower_id = told_id and followed_id = teller_id and state = 'accepted'
        ) then 'accept'
        when exists (
            select from commune.notification_permission
            where account_id = told_id and from_id = teller_id
        ) then 'accept'
        else coalesce((
            select limited_accounts from commune.notification_policy where account_id = told_id
        ), 'filter')
    end
$$;
