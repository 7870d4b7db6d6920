const required = require('await-socket');
const requiredSsl = require('await-socket/ssl');
const check = require('./check.cjs');

void (async () => {
  const imported = await import('await-socket');
  if (imported.Socket !== required.Socket) throw new Error('there are two classes');
  const importedServe = await import('await-socket/serve');
  const importedSsl = await import('await-socket/ssl');
  if (importedSsl.SSLSocket !== requiredSsl.SSLSocket) throw new Error('there are two classes of TLS sockets');
  await check(imported, importedSsl, importedServe);
})();
