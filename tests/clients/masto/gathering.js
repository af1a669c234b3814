// Recommend people in a collection, and read what the commune announces.
import assert from "node:assert/strict";

export default async function ({ client, ask, marie, paul }) {
  const [ofMarie, ofPaul] = [client(marie), client(paul)];
  const { collection } = await ofMarie.v1.collections.create({ name: "Voisins", tagName: "Ile" });
  const one = ofMarie.v1.collections.$select(collection.id);
  const { collectionItem } = await one.items.create({ accountId: paul.id });
  assert.equal(collectionItem.state, "pending");
  const [asked] = await ofPaul.v1.notifications.list();
  assert.deepEqual([asked.type, asked.collection.id], ["added_to_collection", collection.id]);
  await ask("agree", [collection.id, collectionItem.id]);
  const whole = await one.fetch();
  assert.deepEqual(whole.accounts.map((each) => each.username), [marie.username, paul.username]);
  const mine = await ofPaul.v1.accounts.$select(paul.id).inCollections.list();
  assert.deepEqual(mine.collections.map((each) => each.name), ["Voisins"]);
  await one.update({ name: "Mes voisins" });
  const shown = await ofPaul.v1.accounts.$select(marie.id).collections.list();
  assert.deepEqual(shown.collections.map((each) => each.name), ["Mes voisins"]);
  await ofPaul.v1.collections.$select(collection.id).items.$select(collectionItem.id).revoke();
  assert.equal((await one.fetch()).collection.itemCount, 0);
  await one.remove();

  const [announced] = await ofMarie.v1.announcements.list();
  assert.deepEqual([announced.content, announced.read], ["<p>Coupure d'eau</p>", false]);
  const reactions = ofMarie.v1.announcements.$select(announced.id).reactions;
  await reactions.$select(encodeURIComponent("🥳")).update();
  await ofMarie.v1.announcements.$select(announced.id).dismiss();
  const [read] = await ofMarie.v1.announcements.list();
  assert.ok(read.read);
  assert.deepEqual(read.reactions.map(({ name, count, me }) => [name, count, me]), [["🥳", 1, true]]);
}
