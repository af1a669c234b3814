-- Who follows whom, who keeps away from whom, and what people are told.

create table commune.follow (
    id bigint primary key,
    follower_id bigint not null references commune.account on delete cascade,
    followed_id bigint not null references commune.account on delete cascade,
    activity_id text collate "C" not null unique,       -- of the Follow
    state text not null check (state in ('requested', 'accepted')),
    created_at timestamptz not null,
    accepted_at timestamptz,
    unique (follower_id, followed_id)
);
create index follow_followed on commune.follow (followed_id, id) where state = 'accepted';

create table commune.block (
    blocker_id bigint not null references commune.account on delete cascade,
    blocked_id bigint not null references commune.account on delete cascade,
    activity_id text collate "C" unique,
    created_at timestamptz not null,
    primary key (blocker_id, blocked_id)
);
create index block_blocked on commune.block (blocked_id);
