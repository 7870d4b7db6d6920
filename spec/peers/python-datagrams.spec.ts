import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { available, own, portOf } from '../support/pairs.ts';
import { hasPython } from '../support/python.ts';
import { startPython } from '../support/python-child.ts';

const FAMILIES = available([
  ['UDP4', socket.AF_INET, '127.0.0.1'],
  ['UDP6', socket.AF_INET6, '::1'],
] as const);

/** Python's calls that receive a datagram and send one; ours are the same. */
const CALLS = {
  recvfrom: 'recvfrom sendto',
  recvfromInto: 'recvfrom_into sendto',
  recvmsg: 'recvmsg sendmsg',
  recvmsgInto: 'recvmsg_into sendmsg',
} as const;

const PYTHON = `
family, host, calls, port = int(sys.argv[1]), sys.argv[2], sys.argv[3].split(), int(sys.argv[4])
one = socket(family, SOCK_DGRAM)
one.bind((host, 0))

def receive():
    if calls[0] == 'recvfrom':
        return one.recvfrom(70_000)
    if calls[0] == 'recvmsg':
        data, _, _, address = one.recvmsg(70_000)
        return data, address
    memory = bytearray(70_000)
    if calls[0] == 'recvfrom_into':
        count, address = one.recvfrom_into(memory)
    else:
        count, _, _, address = one.recvmsg_into([memoryview(memory)[:10], memoryview(memory)[10:]])
    return bytes(memory[:count]), address

def send(data, address):
    if calls[1] == 'sendto':
        one.sendto(data, address)
    else:
        one.sendmsg([data[:5], data[5:]], [], 0, address)

if port:
    send(b'hello from Python', (host, port))
else:
    tell(one.getsockname()[1])
while True:
    data, address = receive()
    tell([data.decode(), list(address)])
    send(data, address)
`;

const SIZES = [0, 1, 5, 6, 1400, 9000, 60_000];

type Received = [data: Buffer, address: socket.Address | null];

/** Receives a datagram by one of our calls. */
async function receive(ours: socket.Socket, call: keyof typeof CALLS): Promise<Received> {
  if (call === 'recvfrom') return await ours.recvfrom(70_000);
  if (call === 'recvmsg') {
    const [data, , , address] = await ours.recvmsg(70_000);
    return [data, address];
  }
  const memory = Buffer.alloc(70_000);
  if (call === 'recvfromInto') {
    const [count, address] = await ours.recvfromInto(memory);
    return [memory.subarray(0, count), address];
  }
  const [count, , , address] = await ours.recvmsgInto([memory.subarray(0, 10), memory.subarray(10)]);
  return [memory.subarray(0, count), address];
}

async function send(ours: socket.Socket, call: keyof typeof CALLS, text: string, to: socket.Address): Promise<void> {
  const sent = call.startsWith('recvfrom')
    ? await ours.sendto(text, to)
    : await ours.sendmsg([text.slice(0, 3), text.slice(3)], [], 0, to);
  expect(sent).toBe(text.length);
}

(hasPython ? describe : describe.skip).each(FAMILIES)('%s with Python on the other end', (_, family, host) => {
  describe.each(Object.keys(CALLS) as (keyof typeof CALLS)[])('by %s', (call) => {
    it.each(['ours', 'theirs'])('exchanges datagrams of any size, where %s sends first', async (first) => {
      const ours = own(socket.socket(family, socket.SOCK_DGRAM));
      ours.bind([host, 0]);
      const python = startPython(PYTHON, [family, host, CALLS[call], first === 'theirs' ? portOf(ours) : 0]);
      let address: socket.Address;
      if (first === 'theirs') {
        const [hello, from] = await receive(ours, call);
        expect(hello.toString()).toBe('hello from Python');
        if (from === null) throw new TypeError('an address was expected');
        address = from;
      } else {
        address = [host, Number(await python.tells())];
      }
      for (const size of SIZES) {
        const text = 'datagram'.repeat(size / 8 + 1).slice(0, size);
        await send(ours, call, text, address);
        expect(await python.tells()).toEqual([text, ours.getsockname()]);
        const [data, from] = await receive(ours, call);
        expect(data.toString()).toBe(text);
        expect(from?.slice(0, 2)).toEqual(address.slice(0, 2));
      }
    });
  });

  it('connects, and then has send() and recv()', async () => {
    const ours = own(socket.socket(family, socket.SOCK_DGRAM));
    const python = startPython(PYTHON, [family, host, CALLS.recvfrom, 0]);
    await ours.connect([host, Number(await python.tells())]);
    const memory = Buffer.alloc(10);
    await ours.send('one');
    expect((await ours.recv(10)).toString()).toBe('one');
    await ours.send('twice');
    expect(await ours.recvInto(memory)).toBe(5);
    expect(memory.toString('utf8', 0, 5)).toBe('twice');
  });
});
