// Find somebody of another commune, follow them, talk, and be told.
import assert from "node:assert/strict";

const kinds = (notifications) => notifications.map((each) => each.type).sort();

export default async function ({ client, ask, marie, far }) {
  const [ofMarie, ofFar] = [client(marie), client(far)];
  const handle = `@${far.username}@${new URL(far.url).host}`;
  const found = await ofMarie.v2.search.list({ q: handle, resolve: true, type: "accounts" });
  assert.equal(found.accounts[0].acct, handle.slice(1));
  const someone = ofMarie.v1.accounts.$select(found.accounts[0].id);
  await someone.follow();
  await ask("settle");
  const [relationship] = await ofMarie.v1.accounts.relationships.fetch({
    id: [found.accounts[0].id],
  });
  assert.ok(relationship.following);

  const said = await ofFar.v1.statuses.create({ status: "Bonjour d'en face #lagon" });
  await ask("settle");
  const [arrived] = await ofMarie.v1.timelines.home.list();
  assert.equal(arrived.uri, said.uri);
  const there = ofMarie.v1.statuses.$select(arrived.id);
  await there.favourite();
  await there.reblog();
  await ofMarie.v1.statuses.create({ status: `${handle} Bonjour !`, inReplyToId: arrived.id });
  await ask("settle");

  assert.deepEqual(kinds(await ofFar.v1.notifications.list()), [
    "favourite",
    "follow",
    "mention",
    "reblog",
  ]);
  const { notificationGroups } = await ofFar.v2.notifications.list();
  assert.equal(notificationGroups.length, 4);
  const { descendants } = await ofFar.v1.statuses.$select(said.id).context.fetch();
  assert.equal(descendants[0].account.acct, `${marie.username}@${new URL(marie.url).host}`);
  const counted = await ofFar.v1.statuses.$select(said.id).fetch();
  assert.deepEqual([counted.favouritesCount, counted.repliesCount], [1, 1]);
  // The commune passes on what its citizens say as well.
  const boosters = await ofFar.v1.statuses.$select(said.id).rebloggedBy.list();
  assert.ok(boosters.some((each) => each.acct === descendants[0].account.acct));

  const resolved = await ofFar.v2.search.list({ q: descendants[0].uri, resolve: true });
  assert.equal(resolved.statuses[0].id, descendants[0].id);
  await ofFar.v1.notifications.clear();
  assert.deepEqual(await ofFar.v1.notifications.list(), []);
  await someone.unfollow();
  await ask("settle");
  assert.deepEqual(await ofFar.v1.accounts.$select(far.id).followers.list(), []);
}
