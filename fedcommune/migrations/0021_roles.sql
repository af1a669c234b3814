-- Who looks after the place: moderators and administrators among the citizens.

alter table commune.account
    add column role text not null default 'citizen'
        check (role in ('citizen', 'moderator', 'administrator')),
    add column role_shown boolean not null default true;    -- as a badge, to everybody
create index account_role on commune.account (role, id) where role <> 'citizen';
