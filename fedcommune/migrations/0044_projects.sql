-- Who helps with what a project needs, and what there is to do in it.

create table commune.help (
    id bigint primary key,
    need_id bigint not null references commune.offer on delete cascade,
    helper_id bigint not null references commune.account on delete cascade,
    answer_id bigint references commune.post on delete set null, -- in which they said so
    state text not null default 'offered' check (state in ('offered', 'accepted', 'refused')),
    created_at timestamptz not null,
    decided_at timestamptz,
    decided_by bigint references commune.account on delete set null,
    unique (need_id, helper_id)
);
create index help_helper on commune.help (helper_id);

create table commune.task (
    id bigint primary key,
    project_id bigint not null references commune.account on delete cascade,
    title text not null,
    doer_id bigint references commune.account on delete set null,
    due_on date,
    done_at timestamptz,
    created_by bigint references commune.account on delete set null,
    created_at timestamptz not null
);
create index task_project on commune.task (project_id, done_at nulls first, due_on nulls last, id);
