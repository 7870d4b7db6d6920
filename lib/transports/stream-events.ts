import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDHUP,
  POLLRDNORM,
  POLLWRBAND,
  POLLWRNORM,
} from '../common/poll-constants.ts';

/** Something can be received. */
export const CAN_RECEIVE = POLLIN | POLLRDNORM;

/** Something can be sent; TCP reports this. */
const CAN_SEND_STREAM = POLLOUT | POLLWRNORM;

/** Something can be sent; Unix sockets and datagram sockets report this. */
export const CAN_SEND = CAN_SEND_STREAM | POLLWRBAND;

/** What a socket reports that neither listens nor is connected (tcp_poll and unix_poll in Linux). */
export const eventsWithoutConnection = (isUnix: boolean): number => canSend(isUnix) | POLLHUP;

/** What poll(2) asks of a connection. */
export interface StreamSituation {
  readonly isUnix: boolean;
  readonly hasError: boolean;
  readonly hasInput: boolean;
  readonly hasInputEnded: boolean;
  readonly hasOutputEnded: boolean;
  /** Whether the kernel has all that was handed over. */
  readonly hasRoom: boolean;
}

/** What poll(2) reports of a connection that is open, or was (tcp_poll and unix_poll in Linux). */
export function streamEvents(now: StreamSituation): number {
  let events = 0;
  if (now.hasError) events |= POLLERR;
  if (now.hasInput) events |= CAN_RECEIVE;
  if (now.hasInputEnded) events |= CAN_RECEIVE | POLLRDHUP;
  if (now.hasOutputEnded || now.hasRoom) events |= canSend(now.isUnix);
  if (now.hasInputEnded && now.hasOutputEnded) events |= POLLHUP;
  return events;
}

function canSend(isUnix: boolean): number {
  return isUnix ? CAN_SEND : CAN_SEND_STREAM;
}
