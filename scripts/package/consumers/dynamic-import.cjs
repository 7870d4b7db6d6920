const required = require('await-socket');
const check = require('./check.cjs');

void (async () => {
  const imported = await import('await-socket');
  if (imported.Socket !== required.Socket) throw new Error('there are two classes');
  await check(imported);
})();
