import { afterEach, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { describeKernel } from '../support/kernel-kinds.ts';

const open: socket.Socket[] = [];

afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

/** A socket of a kind; `undefined` where this kernel, or this user, may not have it. */
function made(family: number, type: number, proto = 0): socket.Socket | undefined {
  try {
    const one = socket.socket(family, type, proto);
    open.push(one);
    return one;
  } catch (error) {
    const missing = ['EPERM', 'EACCES', 'EAFNOSUPPORT', 'EPROTONOSUPPORT', 'ESOCKTNOSUPPORT', 'ENOPROTOOPT'];
    if (error instanceof socket.OSError && missing.includes(String(error.code))) return undefined;
    throw error;
  }
}

function error(code: string): unknown {
  return expect.objectContaining({ code });
}

/** An echo request of ICMP with the number 1. */
const REQUEST = Buffer.from([8, 0, 0xf7, 0xfe, 0, 0, 0, 1]);

describeKernel('other kinds of sockets', () => {
  it('UDP-Lite sends and receives, over IPv4 and IPv6', async () => {
    for (const [family, host] of [
      [socket.AF_INET, '127.0.0.1'],
      [socket.AF_INET6, '::1'],
    ] as const) {
      const receiver = made(family, socket.SOCK_DGRAM, socket.IPPROTO_UDPLITE);
      const sender = made(family, socket.SOCK_DGRAM, socket.IPPROTO_UDPLITE);
      if (receiver === undefined || sender === undefined) return;
      receiver.bind([host, 0]);
      sender.setsockopt(socket.IPPROTO_UDPLITE, socket.UDPLITE_SEND_CSCOV, 20);
      expect(sender.getsockopt(socket.IPPROTO_UDPLITE, socket.UDPLITE_SEND_CSCOV)).toBe(20);
      await sender.sendto('lite', receiver.getsockname());
      const [data, address] = await receiver.recvfrom(100);
      expect([String(data), address?.slice(0, 2)]).toEqual(['lite', [host, sender.getsockname()[1]]]);
      const name = family === socket.AF_INET ? 'localhost' : host;
      await sender.connect([name, Number(receiver.getsockname()[1])]);
      await sender.send('connected');
      expect(String(await receiver.recv(100))).toBe('connected');
      expect(receiver.getsockname()).toHaveLength(family === socket.AF_INET ? 2 : 4);
    }
  });

  it('ICMP answers, by a socket for pings or a raw one', async () => {
    const raw = made(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP);
    const ping = made(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP);
    for (const one of [raw, ping]) {
      await one?.sendto(REQUEST, ['127.0.0.1', 0]);
      const types: (number | undefined)[] = [];
      while (one !== undefined && !types.includes(0)) {
        const [packet, address] = await one.recvfrom(100);
        expect(address?.[0]).toBe('127.0.0.1');
        types.push(packet[one === raw ? 20 : 0]);
      }
    }
  });

  it('raw IP sends what its program writes', async () => {
    const sender = made(socket.AF_INET, socket.SOCK_RAW, 253);
    const receiver = made(socket.AF_INET, socket.SOCK_RAW, 253);
    if (sender === undefined || receiver === undefined) return;
    receiver.bind(['127.0.0.1', 0]);
    await sender.sendto('raw', ['127.0.0.1', 0]);
    expect(String((await receiver.recv(100)).subarray(20))).toBe('raw');
  });

  it('MPTCP connects as TCP does', async () => {
    const listener = made(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_MPTCP);
    const client = made(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_MPTCP);
    if (listener === undefined || client === undefined) return;
    listener.bind(['127.0.0.1', 0]);
    listener.listen();
    const accepted = listener.accept();
    client.settimeout(30);
    await client.connect(listener.getsockname());
    const [conn, address] = await accepted;
    open.push(conn);
    expect(address).toEqual(client.getsockname());
    await client.sendall('line\nrest');
    client.shutdown(socket.SHUT_WR);
    expect(String(await conn.recvLine())).toBe('line\n');
    expect(String(await conn.recvExactly(4))).toBe('rest');
    expect(await conn.recv(1)).toHaveLength(0);
    await expect(client.connect(listener.getsockname())).rejects.toMatchObject({ code: 'EISCONN' });
    const refused = made(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_MPTCP);
    const address2 = listener.getsockname();
    listener.close();
    await expect(refused?.connect(address2)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('NETLINK asks the kernel', async () => {
    const one = made(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE);
    if (one === undefined) return;
    one.bind([0, 0]);
    const [pid, groups] = one.getsockname() as unknown as socket.NetlinkAddress;
    expect([pid > 0, groups]).toEqual([true, 0]);
    // RTM_GETLINK for all interfaces: `struct nlmsghdr` and `struct ifinfomsg` (rtnetlink(7)).
    const request = Buffer.alloc(32);
    request.writeUInt32LE(request.length, 0);
    request.writeUInt16LE(18, 4);
    request.writeUInt16LE(0x301, 6);
    await one.sendto(request, [0, 0]);
    const [answer, , , from] = await one.recvmsg(65536);
    expect([answer.readUInt16LE(4), from]).toEqual([16, [0, 0]]);
    expect(() => one.bind([-2, 0])).toThrow(RangeError);
    expect(() => one.bind('name')).toThrow('AF_NETLINK address must be [pid, groups]');
  });

  it('PACKET sees the packets of an interface', async () => {
    const one = made(socket.AF_PACKET, socket.SOCK_DGRAM, socket.ntohs(0x0800));
    expect(() => made(socket.AF_PACKET, socket.SOCK_RAW)?.bind(['no-such-interface', 0])).toThrow(error('ENODEV'));
    if (one === undefined) return;
    one.bind(['lo', 0x0800]);
    expect(one.getsockname().slice(0, 4)).toEqual(['lo', 0x0800, socket.PACKET_HOST, 772]);
    const udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
    open.push(udp);
    for (;;) {
      // The packets of others may fill the queue, and this one be lost.
      await udp.sendto('seen below', ['127.0.0.1', 9]);
      const [packet, from] = await one.recvfrom(2000);
      expect(from?.[0]).toBe('lo');
      if (packet.includes('seen below')) break;
    }
    for (const wrong of [['lo'], ['lo', 70_000], [5, 0], ['lo', 0, 0, 0, Buffer.alloc(9)]]) {
      expect(() => Reflect.apply(one.bind.bind(one) as (address: unknown) => void, undefined, [wrong])).toThrow();
    }
  });

  it('VSOCK binds and listens, with options of 64 bits', async () => {
    const one = made(socket.AF_VSOCK, socket.SOCK_STREAM);
    if (one === undefined) return;
    one.bind([socket.VMADDR_CID_ANY, socket.VMADDR_PORT_ANY] as const);
    const [cid, port] = one.getsockname() as unknown as socket.VsockAddress;
    expect([cid, port > 0]).toEqual([socket.VMADDR_CID_ANY, true]);
    one.listen();
    const option = socket.SO_VM_SOCKETS_BUFFER_MAX_SIZE;
    const size = one.getsockopt(socket.AF_VSOCK, option);
    one.setsockopt(socket.AF_VSOCK, option, size * 2);
    expect(one.getsockopt(socket.AF_VSOCK, option)).toBe(size * 2);
    expect(one.getsockopt(socket.AF_VSOCK, option, 8)).toHaveLength(8);
    expect(() => one.setsockopt(socket.AF_VSOCK, option, -1)).toThrow(RangeError);
    one.settimeout(0);
    await expect(one.accept()).rejects.toMatchObject({ code: 'EAGAIN' });
    expect(String(one)).toContain(`laddr=(${cid}, ${port})`);
  });

  it('other families take what their calls give', () => {
    const one = made(socket.AF_ALG, socket.SOCK_SEQPACKET);
    if (one === undefined) return;
    const name = Buffer.alloc(86);
    name.write('hash', 0);
    name.write('sha256', 22);
    one.bind([socket.AF_ALG, name] as const);
    expect(() => one.bind(['hash', 5] as const)).toThrow('bind(): bad family');
  });

  it('have the kernel say why they cannot be made', () => {
    expect(() => socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_TCP)).toThrow(
      error('EPROTONOSUPPORT'),
    );
    expect(() => socket.socket(77)).toThrow(error('EAFNOSUPPORT'));
    expect(() => socket.socket(socket.AF_INET, 99)).toThrow(error('EINVAL'));
  });

  it('Unix streams take names that Node does not', async () => {
    const name = Buffer.from(`\0await-socket-${process.pid}\0\xff`, 'latin1');
    for (const address of ['', name]) {
      const listener = socket.socket(socket.AF_UNIX);
      open.push(listener);
      listener.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1);
      listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1);
      listener.bind(address);
      expect(listener.getsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED)).toBe(1);
      expect(listener.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)).toBe(1);
      listener.listen();
      const client = socket.socket(socket.AF_UNIX);
      open.push(client);
      await client.connect(listener.getsockname());
      const [conn] = await listener.accept();
      open.push(conn);
      await client.sendall('over any name');
      expect(String(await conn.recv(100))).toBe('over any name');
      expect(client.getpeername()).toEqual(listener.getsockname());
    }
  });
});
