#!/usr/bin/env bash
# musl 1.2.3 (Debian's musl-tools), Linux 6.18: sendmsg(2) passes 252 descriptors on, the kernel and glibc 253.
#
# Guessed: 253 (SCM_MAX_FD), as unix(7) says for Linux, and EINVAL for more; a C library hands the message to the kernel.
# Seen: on 64-bit machines musl copies the ancillary data to clear its padding, into 1,024 bytes. 253 descriptors need
# 1,032, so the call fails within the library, with ENOMEM. A program that sends all that Linux allows fails on Alpine
# alone, and its error looks like a shortage of memory, to be tried again.
#
# Output seen: gcc 252 sent, 253 sent, 254 Invalid argument; musl-gcc 252 sent, 253 Out of memory, 254 Out of memory
set -euo pipefail
command -v gcc >/dev/null && command -v musl-gcc >/dev/null || apt-get install -y --no-install-recommends gcc musl-tools >/dev/null
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
cat >send.c <<'C'
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
int main(void) {
  int pair[2];
  socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
  for (int count = 252; count <= 254; count++) {
    char control[CMSG_SPACE(254 * sizeof(int))] = {0};
    struct iovec bytes = {"x", 1};
    struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control};
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *item = CMSG_FIRSTHDR(&message);
    item->cmsg_len = CMSG_LEN(count * sizeof(int));
    item->cmsg_level = SOL_SOCKET;
    item->cmsg_type = SCM_RIGHTS; /* of descriptor 0, many times */
    int sent = sendmsg(pair[0], &message, 0) == 1;
    printf("%s%d %s", count == 252 ? "" : ", ", count, sent ? "sent" : strerror(errno));
  }
  return 0;
}
C
gcc -o with-glibc send.c
musl-gcc -o with-musl send.c
printed="gcc $(./with-glibc); musl-gcc $(./with-musl)"
echo "$printed"
[ "$printed" = 'gcc 252 sent, 253 sent, 254 Invalid argument; musl-gcc 252 sent, 253 Out of memory, 254 Out of memory' ]
