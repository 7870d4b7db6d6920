import * as socket from 'await-socket';
import { OSError, Socket, socket as makeSocket } from 'await-socket';
import * as serve from 'await-socket/serve';
import * as ssl from 'await-socket/ssl';
import check from './check.cjs';

await check(socket, ssl, serve);
const sock = makeSocket();
if (!(sock instanceof Socket) || OSError !== socket.error)
  throw new Error('the named exports differ from those of the namespace');
sock.close();
