-- What posts quote, and whether who is quoted agrees (FEP-044f).

create table commune.quote (
    post_id bigint primary key references commune.post on delete cascade,
    target text collate "C" not null,                   -- the object id of what is quoted, known here or not
    target_id bigint references commune.post on delete set null,
    state text not null default 'pending'
        check (state in ('pending', 'accepted', 'rejected', 'revoked')),
    -- Written in the words of before: nobody was asked, and nobody will be.
    legacy boolean not null default false,
    -- The QuoteAuthorization. Not unique: who names a stamp first does not own it (W-QUO-02).
    stamp text collate "C",
    request text collate "C",                           -- the QuoteRequest, ours or a stranger's
    due_at timestamptz,                                 -- when to look at it (again)
    attempts integer not null default 0
);
create index quote_of on commune.quote (target_id, post_id desc) where target_id is not null;
create index quote_of_unknown on commune.quote (target) where target_id is null;
create index quote_stamp on commune.quote (stamp) where stamp is not null;
create index quote_request on commune.quote (request) where request is not null;
create index quote_due on commune.quote (due_at) where due_at is not null;

-- Who may quote a post, at once or after its author agreed: 'public', 'followers', 'following',
-- or ids of actors. A post without a row may be quoted by its author alone.
create table commune.quote_policy (
    post_id bigint primary key references commune.post on delete cascade,
    automatic text[] not null default '{}',
    manual text[] not null default '{}'
);

-- Being quoted is told by the policy of whom it is told to, as being answered is.
create or replace function commune.notification_treatment(
    told_id bigint, teller_id bigint, what text, about_id bigint, at_ timestamptz
) returns text language sql stable as $$
    with teller as (
        select account.id, account.domain, account.local, account.created_at,
               exists (
                   select from commune.follow
                   where follower_id = told_id and followed_id = teller_id and state = 'accepted'
               ) as followed,
               exists (
                   select from commune.follow
                   where follower_id = teller_id and followed_id = told_id and state = 'accepted'
               ) as follows
        from commune.account
        where account.id = teller_id
    ),
    policy as (
        select coalesce(chosen.not_following, 'accept') as not_following,
               coalesce(chosen.not_followers, 'accept') as not_followers,
               coalesce(chosen.new_accounts, 'accept') as new_accounts,
               coalesce(chosen.private_mentions, 'filter') as private_mentions,
               coalesce(chosen.limited_accounts, 'filter') as limited_accounts
        from (select told_id as account_id) told
        left join commune.notification_policy chosen on chosen.account_id = told.account_id
    ),
    answers as (
        select policy.not_following as answer from policy, teller where not teller.followed
        union all
        select policy.not_followers from policy, teller where not teller.follows
        union all
        select policy.new_accounts from policy, teller
        where not teller.followed and teller.created_at > at_ - interval '30 days'
        union all
        select policy.private_mentions from policy, teller, commune.post
        left join commune.post parent on parent.id = post.parent_id
        where not teller.followed
          and post.id = about_id
          and post.visibility = 'direct'
          and what in ('mention', 'reply')
          and parent.author_id is distinct from told_id
        union all
        select policy.limited_accounts from policy, teller
        where not teller.followed
          and not teller.local
          and exists (
              select from commune.host
              where host.policy = 'limited'
                and commune.is_of_host(teller.domain, host.name)
          )
    )
    select case
        when what not in (
            'follow', 'follow_request', 'mention', 'reply', 'favourite', 'reblog', 'quote'
        ) then 'accept'
        when exists (
            select from commune.notification_permission
            where account_id = told_id and from_id = teller_id
        ) then 'accept'
        when 'drop' in (select answer from answers) then 'drop'
        when 'filter' in (select answer from answers) then 'filter'
        else 'accept'
    end
$$;
