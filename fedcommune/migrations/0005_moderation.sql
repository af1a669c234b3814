-- Keeping the place pleasant.

create table commune.report (
    id bigint primary key,
    activity_id text collate "C" unique,
    reporter_id bigint not null references commune.account on delete cascade,
    account_id bigint not null references commune.account on delete cascade,
    post_ids bigint[] not null default '{}',
    content text not null default '',
    created_at timestamptz not null,
    closed_at timestamptz
);
create index report_open on commune.report (id desc) where closed_at is null;

create table commune.measure (
    id bigint primary key,
    kind text not null,
    by_id bigint references commune.account on delete set null,
    account_id bigint references commune.account on delete set null,
    host text,
    reason text not null default '',
    created_at timestamptz not null
);
