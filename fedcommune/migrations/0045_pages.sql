-- As whom a browser that is signed in acts: one of those whom its citizen administers. None is
-- oneself. Whether they still do is asked each time.
create table commune.acting (
    session_id bigint primary key references commune.session on delete cascade,
    account_id bigint not null references commune.account on delete cascade
);
create index acting_account on commune.acting (account_id);
