-- Posts that wait for their moment.

create table commune.scheduled_post (
    id bigint primary key,
    account_id bigint not null references commune.account on delete cascade,
    planned_by bigint references commune.account on delete set null,  -- the person behind it
    draft jsonb not null,                               -- as the domain packs it
    mentioned bigint[] not null default '{}',           -- accounts that were found for its text
    due_at timestamptz not null,
    retry_at timestamptz not null,                      -- not before; after a failure, later
    failures integer not null default 0,
    created_at timestamptz not null
);
create index scheduled_post_account on commune.scheduled_post (account_id, id desc);
create index scheduled_post_retry on commune.scheduled_post (retry_at);
