// SPDX-License-Identifier: BSD-3-Clause
// Shard keys for a cluster that several appliances push to (docs/scale-out.md). Once, before the first
// document arrives: mongosh 'mongodb://mongos.example.org/weir' shard.js
sh.enableSharding(db.getName());
const keys = {
  results: { query: 1, appliance: 1, end: 1 },
  alerts: { query: 1, appliance: 1, end: 1 },
  daily: { appliance: 1, host: 1, end: 1 },
  flows: { _id: "hashed" },
};
for (const [collection, key] of Object.entries(keys)) {
  db[collection].createIndex(key);
  sh.shardCollection(`${db.getName()}.${collection}`, key);
}
