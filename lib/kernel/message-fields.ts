/**
 * The fields of `struct mmsghdr` of 64-bit Linux, whose lowest byte comes first, in 32-bit words: a pointer or a `size_t`
 * takes two. recvmmsg(2) and sendmmsg(2) take an array of them.
 */
export const NAME = 0;
export const NAME_LENGTH = 2;
export const VECTOR = 4;
export const VECTOR_COUNT = 6;
export const CONTROL = 8;
export const CONTROL_LENGTH = 10;
export const LENGTH = 14;
export const HEADER_WORDS = 16;

/** `struct iovec`: a pointer and a `size_t`. */
export const VECTOR_WORDS = 4;

/** Room for `struct sockaddr_in6`. */
export const NAME_WORDS = 8;

/** `struct cmsghdr`: its length, which includes this header and is a `size_t`, its level and its type; then the value. */
export const ITEM_LENGTH = 0;
export const ITEM_LEVEL = 2;
export const ITEM_TYPE = 3;
export const ITEM_VALUE = 4;

/**
 * The option that lets the kernel put datagrams of one sender together, and the ancillary item that says how long those of
 * a message are, a C int (linux/udp.h).
 */
export const UDP_GRO = 104;
