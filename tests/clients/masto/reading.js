// Lists, filters, mutes and blocks: how one reads.
import assert from "node:assert/strict";

export default async function ({ client, marie, paul }) {
  const [ofMarie, ofPaul] = [client(marie), client(paul)];
  await ofPaul.v1.accounts.$select(marie.id).follow();
  const status = await ofMarie.v1.statuses.create({ status: "Encore des courgettes" });

  const list = await ofPaul.v1.lists.create({ title: "Voisins" });
  await ofPaul.v1.lists.$select(list.id).accounts.create({ accountIds: [marie.id] });
  assert.deepEqual(
    (await ofPaul.v1.timelines.list.$select(list.id).list()).map((each) => each.id),
    [status.id],
  );
  assert.equal((await ofPaul.v1.accounts.$select(marie.id).lists.list())[0].title, "Voisins");
  await ofPaul.v1.lists.$select(list.id).update({ title: "Voisines" });
  await ofPaul.v1.lists.$select(list.id).accounts.remove({ accountIds: [marie.id] });
  assert.deepEqual(await ofPaul.v1.timelines.list.$select(list.id).list(), []);
  await ofPaul.v1.lists.$select(list.id).remove();
  assert.deepEqual(await ofPaul.v1.lists.list(), []);

  const filter = await ofPaul.v2.filters.create({
    title: "Courgettes",
    context: ["home", "public"],
    filterAction: "warn",
    keywordsAttributes: [{ keyword: "courgettes", wholeWord: true }],
  });
  assert.equal(filter.keywords[0].keyword, "courgettes");
  const one = ofPaul.v2.filters.$select(filter.id);
  await one.statuses.create({ statusId: status.id });
  assert.equal((await one.fetch()).statuses[0].statusId, status.id);
  await one.update({ title: "Légumes", filterAction: "hide" });
  assert.deepEqual((await ofPaul.v2.filters.list()).map((each) => each.title), ["Légumes"]);
  await one.remove();

  const other = ofPaul.v1.accounts.$select(marie.id);
  assert.ok((await other.mute({ notifications: true })).mutingNotifications);
  assert.deepEqual((await ofPaul.v1.mutes.list()).map((each) => each.id), [marie.id]);
  await other.unmute();
  assert.equal((await other.note.create({ comment: "Du jardin" })).note, "Du jardin");
  assert.ok((await other.block()).blocking);
  assert.deepEqual(await ofPaul.v1.timelines.home.list(), []);
  await other.unblock();
}
