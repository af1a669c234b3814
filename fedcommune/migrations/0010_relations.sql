-- What each person arranges for themselves: whom they do not want to read, what they note about
-- others, lists, filters, which notifications wait, how they usually write.

create table commune.mute (
    id bigint primary key,
    muter_id bigint not null references commune.account on delete cascade,
    muted_id bigint not null references commune.account on delete cascade,
    notifications boolean not null default true,        -- no word of what they do, either
    created_at timestamptz not null,
    expires_at timestamptz,
    unique (muter_id, muted_id),
    check (muter_id <> muted_id)
);
create index mute_muted on commune.mute (muted_id);

-- Servers that one person does not want to read; the commune itself goes on listening to them.
create table commune.host_mute (
    id bigint primary key,
    account_id bigint not null references commune.account on delete cascade,
    host text collate "C" not null,                     -- with all its sub-domains
    created_at timestamptz not null,
    unique (account_id, host)
);

-- Tells whether a handle's domain is that host, or below it, whatever its port (SEC-MOD-01).
create function commune.is_of_host(domain text, host text) returns boolean
    language sql immutable parallel safe
    return domain = host
        or split_part(domain, ':', 1) = host
        or right(split_part(domain, ':', 1), length(host) + 1) = '.' || host;

-- How somebody follows: with boosts or without, told of each post or not, in which languages.
alter table commune.follow
    add column boosts boolean not null default true,
    add column notify boolean not null default false,
    add column languages text[];

create table commune.note (
    account_id bigint not null references commune.account on delete cascade,
    about_id bigint not null references commune.account on delete cascade,
    text text not null,
    primary key (account_id, about_id)
);
create index note_about on commune.note (about_id);

create table commune.endorsement (
    id bigint primary key,
    account_id bigint not null references commune.account on delete cascade,
    endorsed_id bigint not null references commune.account on delete cascade,
    created_at timestamptz not null,
    unique (account_id, endorsed_id)
);
create index endorsement_endorsed on commune.endorsement (endorsed_id);

create table commune.declined_suggestion (
    account_id bigint not null references commune.account on delete cascade,
    declined_id bigint not null references commune.account on delete cascade,
    primary key (account_id, declined_id)
);
create index declined_suggestion_declined on commune.declined_suggestion (declined_id);

create table commune.list (
    id bigint primary key,
    account_id bigint not null references commune.account on delete cascade,
    title text not null,
    replies_policy text not null default 'list'
        check (replies_policy in ('followed', 'list', 'none')),
    exclusive boolean not null default false,           -- its people leave the home timeline
    created_at timestamptz not null
);
create index list_account on commune.list (account_id, id);
create table commune.list_member (
    id bigint primary key,
    list_id bigint not null references commune.list on delete cascade,
    account_id bigint not null references commune.account on delete cascade,
    unique (list_id, account_id)
);
create index list_member_account on commune.list_member (account_id);

create table commune.filter (
    id bigint primary key,
    account_id bigint not null references commune.account on delete cascade,
    title text not null,
    contexts text[] not null,
    action text not null check (action in ('warn', 'hide', 'blur')),
    expires_at timestamptz,
    created_at timestamptz not null
);
create index filter_account on commune.filter (account_id, id);
create table commune.filter_keyword (
    id bigint primary key,
    filter_id bigint not null references commune.filter on delete cascade,
    keyword text not null,
    whole_word boolean not null
);
create index filter_keyword_filter on commune.filter_keyword (filter_id, id);
create table commune.filter_post (
    id bigint primary key,
    filter_id bigint not null references commune.filter on delete cascade,
    post_id bigint not null references commune.post on delete cascade,
    unique (filter_id, post_id)
);
create index filter_post_post on commune.filter_post (post_id);

-- Whose notifications are accepted, wait to be looked at, or are dropped.
create table commune.notification_policy (
    account_id bigint primary key references commune.account on delete cascade,
    not_following text not null default 'accept'
        check (not_following in ('accept', 'filter', 'drop')),
    not_followers text not null default 'accept'
        check (not_followers in ('accept', 'filter', 'drop')),
    new_accounts text not null default 'accept'
        check (new_accounts in ('accept', 'filter', 'drop')),
    private_mentions text not null default 'filter'
        check (private_mentions in ('accept', 'filter', 'drop')),
    limited_accounts text not null default 'filter'
        check (limited_accounts in ('accept', 'filter', 'drop'))
);
create table commune.notification_permission (
    account_id bigint not null references commune.account on delete cascade,
    from_id bigint not null references commune.account on delete cascade,
    primary key (account_id, from_id)
);
create index notification_permission_from on commune.notification_permission (from_id);
alter table commune.notification add column waiting boolean not null default false;
create index notification_waiting on commune.notification (account_id, from_id, id desc)
    where waiting;

-- What becomes of one notification by the policy of whom it is for.
create function commune.notification_treatment(
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
        when what not in ('follow', 'follow_request', 'mention', 'reply', 'favourite', 'reblog')
            then 'accept'
        when exists (
            select from commune.notification_permission
            where account_id = told_id and from_id = teller_id
        ) then 'accept'
        when 'drop' in (select answer from answers) then 'drop'
        when 'filter' in (select answer from answers) then 'filter'
        else 'accept'
    end
$$;

-- How far somebody read a conversation among few, and from where on it is shown to them.
create table commune.conversation_state (
    account_id bigint not null references commune.account on delete cascade,
    conversation text collate "C" not null,
    read_up_to bigint not null default 0,
    hidden_up_to bigint not null default 0,
    primary key (account_id, conversation)
);

-- How somebody writes when they say nothing else.
create table commune.preference (
    account_id bigint primary key references commune.account on delete cascade,
    visibility text not null default 'public'
        check (visibility in ('public', 'unlisted', 'followers', 'direct')),
    sensitive boolean not null default false,
    language text,
    quotes text not null default 'public' check (quotes in ('public', 'followers', 'nobody'))
);

alter table commune.report
    add column category text not null default 'other'
        check (category in ('spam', 'legal', 'violation', 'other')),
    add column rule_ids integer[] not null default '{}',
    add column forwarded boolean not null default false;
