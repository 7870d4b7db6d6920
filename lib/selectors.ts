export type { WaitOptions } from './common/call-options.ts';
export type { FileObject } from './select/fileobj.ts';
export { KeyError } from './select/key-error.ts';
export { BaseSelector, EVENT_READ, EVENT_WRITE, type KeyData } from './select/selector.ts';
export { SelectorKey } from './select/selector-key.ts';
export { SelectorMapping } from './select/selector-mapping.ts';
export { DefaultSelector, EpollSelector, PollSelector, SelectSelector } from './select/selector-kinds.ts';
