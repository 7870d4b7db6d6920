import dgram from 'node:dgram';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { datagramBindBackend } from '../../lib/transports/bind-datagram.ts';
import { plain, receive, send, Sockets } from '../support/datagrams.ts';

const isLinux = process.platform === 'linux';
const GROUP = '224.0.1.199';
const GROUP6 = 'ff02::1:99';

describe("Datagrams' options", () => {
  const sockets = new Sockets(datagramBindBackend);
  afterEach(() => sockets.close());

  it('can be set once there is a port, and not before', () => {
    const fresh = sockets.fresh();
    expect(fresh.setBroadcast(true)).toMatchObject({ code: 'EBADF' });
    expect(fresh.setTTL(3)).toMatchObject({ code: 'EBADF' });
    expect(fresh.addMembership(GROUP, undefined)).toMatchObject({ code: 'EBADF' });
    expect(fresh.setReceiveBuffer(5000)).toMatchObject({ code: 'EBADF' });
    expect(fresh.receiveBuffer).toBeUndefined();
    const socket = sockets.wild();
    const set = [
      socket.setBroadcast(true),
      socket.setTTL(3),
      socket.setMulticastTTL(0),
      socket.setMulticastLoopback(false),
      socket.setSendBuffer(5000),
    ];
    expect(set).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });

  it('refuses what is out of range', () => {
    const socket = sockets.wild();
    const refused = [socket.setTTL(0), socket.setTTL(256), socket.setMulticastTTL(256)];
    expect(refused).toMatchObject([{ code: 'EINVAL' }, { code: 'EINVAL' }, { code: 'EINVAL' }]);
  });

  it('lets a broadcast out where it is allowed', async () => {
    const [receiver, { port }] = sockets.boundTo('0.0.0.0');
    const sender = sockets.wild();
    const everybody = { host: '127.255.255.255', port };
    expect(await send(sender, 'all', everybody)).toBe('EACCES');
    sender.setBroadcast(true);
    expect(await send(sender, 'all', everybody)).toBe(3);
    expect(await receive(receiver)).toMatchObject({ data: Buffer.from('all') });
  });

  (isLinux ? it : it.skip)('has buffers of the size that Linux makes of what is asked for', () => {
    const socket = sockets.wild();
    const sizes = [50_000, 0, 1, 1000].map((bytes) => [socket.setReceiveBuffer(bytes), socket.receiveBuffer]);
    expect(sizes).toEqual([
      [undefined, 100_000],
      [undefined, 2304],
      [undefined, 2304],
      [undefined, 2304],
    ]);
    socket.setSendBuffer(50_000);
    expect(socket.sendBuffer).toBe(100_000);
    socket.setReceiveBuffer(-1);
    const largest = socket.receiveBuffer;
    socket.setReceiveBuffer(0x7fff_ffff);
    expect(largest).toBe(socket.receiveBuffer);
  });

  it('receives what is sent to a group on an interface, until it leaves it', async () => {
    const [receiver, { port }] = sockets.boundTo('0.0.0.0');
    const sender = sockets.wild();
    expect(sender.setMulticastInterface('127.0.0.1')).toBeUndefined();
    expect(receiver.addMembership(GROUP, '127.0.0.1')).toBeUndefined();
    expect(receiver.addMembership(GROUP, '127.0.0.1')).toMatchObject({ code: 'EADDRINUSE' });
    await send(sender, 'group', { host: GROUP, port });
    expect(await receive(receiver)).toMatchObject({ data: Buffer.from('group') });
    expect(receiver.dropMembership(GROUP, '127.0.0.1')).toBeUndefined();
    expect(receiver.dropMembership(GROUP, '127.0.0.1')).toMatchObject({ code: 'EADDRNOTAVAIL' });
  });

  it('refuses a group that is none and an interface that is not there', () => {
    const socket = sockets.wild();
    expect(socket.addMembership('127.0.0.1', '127.0.0.1')).toMatchObject({ code: 'EINVAL' });
    expect(socket.addMembership(GROUP, '192.0.2.77')).toMatchObject({ code: 'ENODEV' });
    expect(socket.setMulticastInterface('192.0.2.77')).toMatchObject({ code: 'EADDRNOTAVAIL' });
  });

  (isLinux ? it : it.skip)('joins a group of IPv6 on an interface by its name', () => {
    const socket = sockets.wild(6);
    expect(socket.addMembership(GROUP6, '::%lo')).toBeUndefined();
    expect(socket.addMembership(GROUP6, '::%lo')).toMatchObject({ code: 'EADDRINUSE' });
    expect(socket.setMulticastInterface('::%lo')).toBeUndefined();
    expect(socket.setMulticastTTL(5)).toBeUndefined();
    expect(socket.dropMembership(GROUP6, '::%lo')).toBeUndefined();
    expect(socket.addMembership('::1', '::%lo')).toMatchObject({ code: 'EINVAL' });
  });

  it('do not keep the process alive: calls that wait do', () => {
    const unref = jest.spyOn(dgram.Socket.prototype, 'unref');
    sockets.fresh().bind({ host: '127.0.0.1', port: 0 }, plain);
    expect(unref).toHaveBeenCalled();
    unref.mockRestore();
  });
});
