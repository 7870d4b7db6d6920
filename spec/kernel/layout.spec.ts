import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { controlOf } from '../../lib/kernel/control.ts';
import { MessageHeader } from '../../lib/kernel/message-header.ts';
import { inetName, packetName, unixName } from '../../lib/kernel/socket-name.ts';

/** The C compilers of the libraries that Node is built with: glibc, and musl (Alpine). */
const COMPILERS = ['gcc', 'musl-gcc'];

const HEADERS = ['errno', 'fcntl', 'poll', 'stddef', 'stdio', 'sys/epoll', 'sys/socket', 'sys/un', 'netinet/in'];
const MORE_HEADERS = ['netinet/tcp', 'netinet/udp', 'net/ethernet', 'netpacket/packet'];

/** The fields that the library writes and reads itself. */
const FIELDS = {
  msghdr: ['msg_name', 'msg_namelen', 'msg_iov', 'msg_iovlen', 'msg_control', 'msg_controllen', 'msg_flags'],
  iovec: ['iov_base', 'iov_len'],
  cmsghdr: ['cmsg_len', 'cmsg_level', 'cmsg_type'],
  sockaddr_un: ['sun_family', 'sun_path'],
  sockaddr_in: ['sin_family', 'sin_port', 'sin_addr'],
  sockaddr_in6: ['sin6_family', 'sin6_port', 'sin6_flowinfo', 'sin6_addr', 'sin6_scope_id'],
  sockaddr_ll: ['sll_family', 'sll_protocol', 'sll_ifindex', 'sll_hatype', 'sll_pkttype', 'sll_halen', 'sll_addr'],
};

/** The kernel's numbers, by the names that C and Python share. Others are a C library's own. */
const NUMBERS: readonly (readonly [string, unknown])[] = Object.entries(socket).filter(([name]) =>
  /^(E[A-Z0-9]+|(AF|ETH|ETHERTYPE|IP|IPPROTO|IPV6|MSG|PF|SCM|SHUT|SO|SOCK|SOL|TCP)_[A-Z0-9_]+)$/.test(name),
);

type Field = readonly [offset: number, size: number];

/** What a compiler says of the fields, and of the constants that its headers have. */
interface Facts {
  readonly fields: Record<string, Field>;
  readonly constants: Record<string, number>;
}

function program(): string {
  const fields = Object.entries(FIELDS).flatMap(([name, members]) =>
    members.map((member) => {
      const place = `offsetof(struct ${name}, ${member}), sizeof ((struct ${name} *)0)->${member}`;
      return `printf("\\"${name}.${member}\\": [%zu, %zu],\\n", ${place});`;
    }),
  );
  const constants = NUMBERS.map(
    ([name]) => `#ifdef ${name}\nprintf("\\"${name}\\": %lld,\\n", (long long)${name});\n#endif`,
  );
  return `#define _GNU_SOURCE
${[...HEADERS, ...MORE_HEADERS].map((header) => `#include <${header}.h>`).join('\n')}
#include <sys/uio.h>
int main(void) {
printf("{\\"fields\\": {");
${fields.join('\n')}
printf("\\"\\": [0, 0]}, \\"constants\\": {");
${constants.join('\n')}
printf("\\"\\": 0}}");
return 0;
}
`;
}

function factsOf(compiler: string, folder: string): Facts {
  const [source, binary] = [join(folder, 'layout.c'), join(folder, compiler)];
  writeFileSync(source, program());
  const compiled = spawnSync(compiler, ['-o', binary, source], { encoding: 'utf8' });
  expect(compiled.stderr).toBe('');
  return JSON.parse(spawnSync(binary, { encoding: 'utf8' }).stdout) as Facts;
}

/** A little-endian number of a structure; padding is not part of it. */
function numberAt(memory: Buffer, [offset, size]: Field = [-1, 0]): number {
  return size === 8 ? Number(memory.readBigUInt64LE(offset)) : memory.readUIntLE(offset, size);
}

for (const compiler of COMPILERS) {
  const isHere = spawnSync(compiler, ['--version']).status === 0;
  (isHere ? describe : describe.skip)(`what ${compiler} says of C`, () => saysOf(compiler));
}

function saysOf(compiler: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'await-socket-layout-'));
  let facts: Facts;
  beforeAll(() => {
    facts = factsOf(compiler, folder);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('of messages is what sendmsg(2) and recvmsg(2) are given', () => {
    const { fields } = facts;
    const [name, data, control] = [Buffer.alloc(3), Buffer.alloc(4), Buffer.alloc(5)];
    const places = new Map<Buffer, bigint>();
    const place = (memory: Buffer): bigint => {
      places.set(memory, places.get(memory) ?? BigInt(places.size + 1) * 0x1_0000_0001n);
      return places.get(memory) ?? 0n;
    };
    const header = new MessageHeader(place);
    const value = (memory: Buffer, field: string): number => numberAt(memory, fields[field]);
    header.lend(name, data, control, (memory) => {
      const found = FIELDS.msghdr.map((field) => value(memory, `msghdr.${field}`));
      const vector = [...places.keys()].find((one) => Number(places.get(one)) === found[2]);
      expect(found).toEqual([Number(place(name)), 3, found[2], 1, Number(place(control)), 5, 0]);
      expect(value(vector ?? name, 'iovec.iov_base')).toBe(Number(place(data)));
      expect(value(vector ?? name, 'iovec.iov_len')).toBe(4);
      // What the kernel writes.
      memory.writeUInt32LE(16, fields['msghdr.msg_namelen']?.[0]);
      memory.writeUInt32LE(24, fields['msghdr.msg_controllen']?.[0]);
      memory.writeUInt32LE(32, fields['msghdr.msg_flags']?.[0]);
      return 0;
    });
    expect([header.nameLength, header.controlLength, header.flags]).toEqual([16, 24, 32]);
    const item = controlOf([[1, 2, Buffer.alloc(4)]]);
    expect(FIELDS.cmsghdr.map((field) => value(item, `cmsghdr.${field}`))).toEqual([20, 1, 2]);
  });

  it('of addresses is what bind(2) and connect(2) are given', () => {
    const { fields } = facts;
    const inet = inetName(socket.AF_INET, { host: '1.2.3.4', port: 5 });
    const inet6 = inetName(socket.AF_INET6, { host: '::6', port: 7, flowinfo: 8, scopeid: 9 });
    const packet = packetName({ index: 1, protocol: 2, hatype: 3, pkttype: 4, address: Buffer.of(9) });
    const bytesAt = (name: Buffer, field: string): string => {
      const [offset, size] = fields[field] ?? [0, 0];
      return name.toString('hex', offset, offset + size);
    };
    expect(FIELDS.sockaddr_in.map((field) => bytesAt(inet, `sockaddr_in.${field}`))).toEqual([
      '0200',
      '0005',
      '01020304',
    ]);
    expect(FIELDS.sockaddr_in6.map((field) => bytesAt(inet6, `sockaddr_in6.${field}`))).toEqual([
      ...['0a00', '0007', '00000008', '06'.padStart(32, '0'), '09000000'],
    ]);
    expect(FIELDS.sockaddr_un.map((field) => bytesAt(unixName(Buffer.from('x')), `sockaddr_un.${field}`))).toEqual([
      ...['0100', '7800'],
    ]);
    expect(FIELDS.sockaddr_ll.map((field) => bytesAt(packet, `sockaddr_ll.${field}`))).toEqual([
      ...['1100', '0002', '01000000', '0300', '04', '01', '0900000000000000'],
    ]);
  });

  it("of the kernel's numbers is what Python and the library call them", () => {
    const { constants } = facts;
    const known = NUMBERS.filter(([name]) => name in constants);
    expect(known.length).toBeGreaterThan(200);
    expect(known.filter(([name, value]) => constants[name] !== value)).toEqual([]);
  });
}
