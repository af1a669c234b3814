-- What identifies an organisation, and who takes part in what, as what.

create table commune.organisation (
    account_id bigint primary key references commune.account on delete cascade,
    siret text,
    rna text
);

create table commune.link (
    id bigint primary key,
    relationship_id text collate "C" unique,             -- id of the Relationship, at the target's host
    subject_id bigint not null references commune.account on delete cascade,
    target_id bigint not null references commune.account on delete cascade,
    relationship text not null check (relationship in (
        'memberOf', 'contributesTo', 'partnerOf', 'subProjectOf')),
    state text not null check (state in ('pending', 'invited', 'active', 'ended')),
    is_admin boolean not null default false,
    wants_admin boolean not null default false,
    roles text[] not null default '{}',
    message text not null default '',
    activity_id text collate "C" not null,               -- of the Join or Invite that began it
    consent_id text collate "C",                         -- of the subject's Join or Accept
    created_at timestamptz not null,
    changed_at timestamptz not null,
    unique (subject_id, target_id, relationship)
);
create unique index link_activity on commune.link (activity_id);
create index link_target on commune.link (target_id, state, id);
create index link_subject on commune.link (subject_id, state, id);
