-- Small pictures that stand for words between colons.

create table commune.emoji (
    id bigint primary key,
    shortcode text not null unique,
    file text collate "C" not null references commune.file,
    category text not null default '',
    created_at timestamptz not null,
    updated_at timestamptz not null
);
create trigger drop_emoji_file after delete on commune.emoji
    for each row execute function commune.drop_file();
