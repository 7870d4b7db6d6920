import * as socket from '../lib/index.ts';

/** One request: `1 + 2`. The answer is `= 3`, or `! ` and what is wrong. */
function answer(line: string): string {
  const [, left, operator, right] = /^(-?\d+) ([-+*]) (-?\d+)$/.exec(line) ?? [];
  if (left === undefined || right === undefined) return `! not a calculation: ${line}`;
  const [one, other] = [BigInt(left), BigInt(right)];
  if (operator === '+') return `= ${one + other}`;
  return operator === '-' ? `= ${one - other}` : `= ${one * other}`;
}

/** Serves a client until it ends. A line without an end is refused once it is too long. */
async function serve(conn: socket.Socket): Promise<void> {
  try {
    for (let line = await conn.recvLine(100); line.length > 0; line = await conn.recvLine(100)) {
      await conn.sendall(`${answer(line.toString().trimEnd())}\n`);
    }
  } catch (error) {
    if (!(error instanceof socket.LimitOverrunError)) throw error;
    await conn.sendall('! the line is too long\n');
  } finally {
    conn.close();
  }
}

async function main(): Promise<void> {
  const [client, conn] = await socket.socketpair();
  const serving = serve(conn);
  // All requests at once: the answers come in the same order.
  await client.sendall(`1 + 2\n6 * 7\nhello\n${'9'.repeat(1000)}\n`);
  for await (const line of client.makefile('r')) console.log(line.trimEnd());
  await serving;
  client.close();
}

void main();
