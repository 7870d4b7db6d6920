export * from './common/poll-constants.ts';
export { OSError as error } from './common/errors.ts';
export type { WaitOptions } from './common/call-options.ts';
export type { FileObject } from './select/fileobj.ts';
export { KeyError } from './select/key-error.ts';
export { Epoll, epoll } from './select/epoll.ts';
export { Poll, poll, type PollEvent } from './select/poll.ts';
export { select } from './select/select-call.ts';
