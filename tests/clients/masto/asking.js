// Ask, be answered from the other commune, quote, and plan something for later.
import assert from "node:assert/strict";

export default async function ({ client, ask, marie, far }) {
  const [ofMarie, ofFar] = [client(marie), client(far)];
  const asked = await ofMarie.v1.statuses.create({
    status: "Quand ?",
    poll: { options: ["Samedi", "Dimanche"], expiresIn: 3600 },
  });
  assert.deepEqual(asked.poll.options.map((each) => each.title), ["Samedi", "Dimanche"]);
  await ask("settle");
  const [there] = await ofFar.v1.timelines.home.list();
  const voted = await ofFar.v1.polls.$select(there.poll.id).votes.create({ choices: [1] });
  assert.deepEqual([voted.voted, voted.ownVotes], [true, [1]]);
  await ask("settle");
  const counted = await ofMarie.v1.polls.$select(asked.poll.id).fetch();
  assert.deepEqual(counted.options.map((each) => each.votesCount), [0, 1]);
  await ask("later");
  const closed = await ofFar.v1.polls.$select(there.poll.id).fetch();
  assert.ok(closed.expired);
  const told = await ofFar.v1.notifications.list({ types: ["poll"] });
  assert.equal(told[0].status.id, there.id);

  const quoted = await ofMarie.v1.statuses.create({
    status: "Le marché est ouvert",
    quoteApprovalPolicy: "public",
  });
  await ask("settle");
  const [open] = await ofFar.v1.timelines.home.list();
  assert.equal(open.quoteApproval.currentUser, "automatic");
  const quoting = await ofFar.v1.statuses.create({ status: "Allez-y", quotedStatusId: open.id });
  await ask("settle");
  const accepted = await ofFar.v1.statuses.$select(quoting.id).fetch();
  assert.deepEqual([accepted.quote.state, accepted.quote.quotedStatus.id], ["accepted", open.id]);
  const [by] = await ofMarie.v1.statuses.$select(quoted.id).quotes.list();
  assert.equal(by.uri, quoting.uri);
  const quotes = await ofMarie.v1.notifications.list({ types: ["quote"] });
  assert.equal(quotes[0].status.id, by.id);

  const scheduledAt = await ask("tomorrow");
  const planned = await ofMarie.v1.statuses.create({ status: "Bientôt", scheduledAt });
  assert.equal(planned.params.text, "Bientôt");
  const one = ofMarie.v1.scheduledStatuses.$select(planned.id);
  assert.equal((await one.fetch()).id, planned.id);
  await ask("later");
  assert.deepEqual(await ofMarie.v1.scheduledStatuses.list(), []);
  const [latest] = await ofMarie.v1.accounts.$select(marie.id).statuses.list();
  assert.equal(latest.content, "<p>Bientôt</p>");
}
