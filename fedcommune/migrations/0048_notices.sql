-- Official notices: what a local authority tells everybody, how grave it is and until when.

-- The authorities that an administrator entrusted with giving notices.
create table commune.office (
    account_id bigint primary key references commune.account on delete cascade,
    entrusted_at timestamptz not null
);

-- What hangs on a post that is a notice, ours or a neighbour's.
create table commune.notice (
    post_id bigint primary key references commune.post on delete cascade,
    severity text not null check (severity in ('info', 'attention', 'danger')),
    ends_at timestamptz,
    lifted_at timestamptz,                              -- over, whatever ends_at says
    told_up_to bigint                                   -- citizens with an account up to this one
                                                        -- were told; null: nobody is to be told
);
create index notice_untold on commune.notice (post_id) where told_up_to is not null;
create index notice_lasting on commune.notice (ends_at) where lifted_at is null;
