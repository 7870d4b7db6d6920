import { tracingChannel, type TracingChannel } from 'node:diagnostics_channel';
import { own } from './pairs.ts';

/** What a message of a tracing channel has, as a subscriber sees it. */
interface Message {
  readonly call: string;
  readonly [key: string]: unknown;
}

/** What was published: the channel's name, the event, and a copy of the message at that time. */
export interface Published {
  readonly channel: string;
  readonly event: 'start' | 'end' | 'asyncStart' | 'asyncEnd' | 'error';
  readonly message: Message;
}

/** Subscribes to some of the library's tracing channels until the test ends; gives what they publish. */
export function published(...names: readonly string[]): Published[] {
  const seen: Published[] = [];
  for (const name of names) {
    const channel: TracingChannel<Message, Message> = tracingChannel(`await-socket:${name}`);
    const handler = (event: Published['event']) => (message: Message) => {
      seen.push({ channel: name, event, message: { ...message } });
    };
    const handlers = {
      start: handler('start'),
      end: handler('end'),
      asyncStart: handler('asyncStart'),
      asyncEnd: handler('asyncEnd'),
      error: handler('error'),
    };
    channel.subscribe(handlers);
    own({ [Symbol.dispose]: () => channel.unsubscribe(handlers) });
  }
  return seen;
}
