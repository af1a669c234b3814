-- Posts that say why their author recommends a shop, an association or a project (product 8.6 b).
create table commune.recommendation (
    post_id bigint primary key references commune.post on delete cascade,
    account_id bigint not null references commune.account on delete cascade
);
create index recommendation_account on commune.recommendation (account_id, post_id desc);
