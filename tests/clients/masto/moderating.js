// Report somebody; look into it, take a measure, take it back.
import assert from "node:assert/strict";

export default async function ({ client, marie, paul, simone }) {
  const [ofMarie, ofPaul, ofSimone] = [client(marie), client(paul), client(simone)];
  const loud = await ofPaul.v1.statuses.create({ status: "ACHETEZ !!!" });
  await ofMarie.v1.reports.create({
    accountId: paul.id,
    statusIds: [loud.id],
    comment: "Il crie",
    category: "spam",
  });
  const told = await ofSimone.v1.notifications.list({ types: ["admin.report"] });
  assert.equal(told[0].report.targetAccount.id, paul.id);
  const [report] = await ofSimone.v1.admin.reports.list();
  assert.deepEqual([report.category, report.comment], ["spam", "Il crie"]);
  assert.deepEqual(report.statuses.map((each) => each.id), [loud.id]);
  const one = ofSimone.v1.admin.reports.$select(report.id);
  assert.equal((await one.assignToSelf()).assignedAccount.username, simone.username);

  const account = ofSimone.v1.admin.accounts.$select(paul.id);
  await account.action.create({ type: "silence", text: "Moins fort", reportId: report.id });
  assert.ok((await account.fetch()).silenced);
  const warned = await ofPaul.v1.notifications.list({ types: ["moderation_warning"] });
  assert.deepEqual(
    [warned[0].moderationWarning.action, warned[0].moderationWarning.text],
    ["silence", "Moins fort"],
  );
  assert.ok((await one.fetch()).actionTaken);
  assert.equal((await account.unsilence()).silenced, false);
  await assert.rejects(async () => ofMarie.v1.admin.reports.list(), { statusCode: 403 });
}
