/**
 * Constants of the address families that Node has no sockets for, which koffi makes. Their numbers are Linux's.
 */

/** Address family: amateur radio, AX.25. */
export const AF_AX25 = 3;
/** Address family: IPX. */
export const AF_IPX = 4;
/** Address family: AppleTalk. */
export const AF_APPLETALK = 5;
/** Address family: amateur radio, NET/ROM. */
export const AF_NETROM = 6;
/** Address family: bridges. */
export const AF_BRIDGE = 7;
/** Address family: ATM, permanent circuits. */
export const AF_ATMPVC = 8;
/** Address family: X.25. */
export const AF_X25 = 9;
/** Address family: amateur radio, ROSE. */
export const AF_ROSE = 11;
/** Address family: DECnet. */
export const AF_DECnet = 12;
/** Address family: NetBEUI. */
export const AF_NETBEUI = 13;
/** Address family: security. */
export const AF_SECURITY = 14;
/** Address family: keys of IPsec. */
export const AF_KEY = 15;
/** Address family: another name of AF_NETLINK. */
export const AF_ROUTE = 16;
/** Address family: Ash. */
export const AF_ASH = 18;
/** Address family: Econet. */
export const AF_ECONET = 19;
/** Address family: ATM, switched circuits. */
export const AF_ATMSVC = 20;
/** Address family: reliable datagrams. */
export const AF_RDS = 21;
/** Address family: SNA. */
export const AF_SNA = 22;
/** Address family: infrared. */
export const AF_IRDA = 23;
/** Address family: PPP over others. */
export const AF_PPPOX = 24;
/** Address family: Wanpipe. */
export const AF_WANPIPE = 25;
/** Address family: logical link control. */
export const AF_LLC = 26;
/** Address family: the CAN bus. */
export const AF_CAN = 29;
/** Address family: TIPC, between the nodes of a cluster. */
export const AF_TIPC = 30;
/** Address family: ciphers and hashes of the kernel. */
export const AF_ALG = 38;
/** Address family: messages of Qualcomm modems. */
export const AF_QIPCRTR = 42;
/** Protocol family: the same number as AF_PACKET. */
export const PF_PACKET = 17;
/** Protocol family: the same number as AF_RDS. */
export const PF_RDS = 21;
/** Protocol family: the same number as AF_CAN. */
export const PF_CAN = 29;
/** Level of socket options: CAN_BASE. */
export const SOL_CAN_BASE = 100;
/** Level of socket options: CAN_RAW. */
export const SOL_CAN_RAW = 101;
/** Level of socket options: TIPC. */
export const SOL_TIPC = 271;
/** Level of socket options: RDS. */
export const SOL_RDS = 276;
/** Level of socket options: ALG. */
export const SOL_ALG = 279;
/** Of AF_ALG, an operation: decrypt. */
export const ALG_OP_DECRYPT = 0;
/** Of AF_ALG, an operation: encrypt. */
export const ALG_OP_ENCRYPT = 1;
/** Of AF_ALG, an operation: sign. */
export const ALG_OP_SIGN = 2;
/** Of AF_ALG, an operation: verify. */
export const ALG_OP_VERIFY = 3;
/** Of AF_ALG, what is set: key. */
export const ALG_SET_KEY = 1;
/** Of AF_ALG, what is set: iv. */
export const ALG_SET_IV = 2;
/** Of AF_ALG, what is set: op. */
export const ALG_SET_OP = 3;
/** Of AF_ALG, what is set: aead_assoclen. */
export const ALG_SET_AEAD_ASSOCLEN = 4;
/** Of AF_ALG, what is set: aead_authsize. */
export const ALG_SET_AEAD_AUTHSIZE = 5;
/** Of AF_ALG, what is set: pubkey. */
export const ALG_SET_PUBKEY = 6;
/** Of CAN, the broadcast manager (linux/can/bcm.h). */
export const CAN_BCM_SETTIMER = 1;
/** Of CAN, the broadcast manager (linux/can/bcm.h). */
export const CAN_BCM_TX_SETUP = 1;
/** Of CAN, the broadcast manager (linux/can/bcm.h). */
export const CAN_BCM = 2;
/** Of CAN, the broadcast manager (linux/can/bcm.h). */
export const CAN_BCM_STARTTIMER = 2;
/** Of CAN, the broadcast manager (linux/can/bcm.h). */
export const CAN_BCM_TX_DELETE = 2;
/** Of CAN, the broadcast manager (linux/can/bcm.h). */
export const CAN_BCM_TX_READ = 3;
/** Of CAN, the broadcast manager (linux/can/bcm.h). */
export const CAN_BCM_TX_COUNTEVT = 4;
/** Of CAN, the broadcast manager (linux/can/bcm.h). */
export const CAN_BCM_TX_SEND = 4;
/** Of CAN, the broadcast manager (linux/can/bcm.h). */
export const CAN_BCM_RX_SETUP = 5;
/** Of CAN, the broadcast manager (linux/can/bcm.h). */
export const CAN_BCM_RX_DELETE = 6;
/** Of CAN, the broadcast manager (linux/can/bcm.h). */
export const CAN_BCM_RX_READ = 7;
/** Of CAN, the broadcast manager (linux/can/bcm.h). */
export const CAN_BCM_TX_ANNOUNCE = 8;
/** Of CAN, the broadcast manager (linux/can/bcm.h). */
export const CAN_BCM_TX_STATUS = 8;
/** Of CAN, the broadcast manager (linux/can/bcm.h). */
export const CAN_BCM_TX_EXPIRED = 9;
/** Of CAN, the broadcast manager (linux/can/bcm.h). */
export const CAN_BCM_RX_STATUS = 10;
/** Of CAN, the broadcast manager (linux/can/bcm.h). */
export const CAN_BCM_RX_TIMEOUT = 11;
/** Of CAN, the broadcast manager (linux/can/bcm.h). */
export const CAN_BCM_RX_CHANGED = 12;
/** Of CAN, the broadcast manager (linux/can/bcm.h). */
export const CAN_BCM_TX_CP_CAN_ID = 16;
/** Of CAN, the broadcast manager (linux/can/bcm.h). */
export const CAN_BCM_RX_FILTER_ID = 32;
/** Of CAN, the broadcast manager (linux/can/bcm.h). */
export const CAN_BCM_RX_CHECK_DLC = 64;
/** Of CAN, the broadcast manager (linux/can/bcm.h). */
export const CAN_BCM_RX_NO_AUTOTIMER = 128;
/** Of CAN, the broadcast manager (linux/can/bcm.h). */
export const CAN_BCM_RX_ANNOUNCE_RESUME = 256;
/** Of CAN, the broadcast manager (linux/can/bcm.h). */
export const CAN_BCM_TX_RESET_MULTI_IDX = 512;
/** Of CAN, the broadcast manager (linux/can/bcm.h). */
export const CAN_BCM_RX_RTR_FRAME = 1024;
/** Of CAN, the broadcast manager (linux/can/bcm.h). */
export const CAN_BCM_CAN_FD_FRAME = 2048;
/** Of CAN (linux/can.h, linux/can/raw.h). */
export const CAN_EFF_FLAG = 2147483648;
/** Of CAN (linux/can.h, linux/can/raw.h). */
export const CAN_RAW = 1;
/** Of CAN (linux/can.h, linux/can/raw.h). */
export const CAN_RAW_FILTER = 1;
/** Of CAN (linux/can.h, linux/can/raw.h). */
export const CAN_RAW_LOOPBACK = 3;
/** Of CAN (linux/can.h, linux/can/raw.h). */
export const CAN_RAW_RECV_OWN_MSGS = 4;
/** Of CAN (linux/can.h, linux/can/raw.h). */
export const CAN_RAW_FD_FRAMES = 5;
/** Of CAN (linux/can.h, linux/can/raw.h). */
export const CAN_ISOTP = 6;
/** Of CAN (linux/can.h, linux/can/raw.h). */
export const CAN_RAW_JOIN_FILTERS = 6;
/** Of CAN (linux/can.h, linux/can/raw.h). */
export const CAN_J1939 = 7;
/** Of CAN (linux/can.h, linux/can/raw.h). */
export const CAN_SFF_MASK = 2047;
/** Of CAN (linux/can.h, linux/can/raw.h). */
export const CAN_EFF_MASK = 536870911;
/** Of CAN (linux/can.h, linux/can/raw.h). */
export const CAN_ERR_MASK = 536870911;
/** Of CAN (linux/can.h, linux/can/raw.h). */
export const CAN_ERR_FLAG = 536870912;
/** Of CAN (linux/can.h, linux/can/raw.h). */
export const CAN_RTR_FLAG = 1073741824;
/** Of CAN J1939, ancillary data (linux/can/j1939.h). */
export const SCM_J1939_DEST_ADDR = 1;
/** Of CAN J1939, ancillary data (linux/can/j1939.h). */
export const SCM_J1939_DEST_NAME = 2;
/** Of CAN J1939, ancillary data (linux/can/j1939.h). */
export const SCM_J1939_PRIO = 3;
/** Of CAN J1939, ancillary data (linux/can/j1939.h). */
export const SCM_J1939_ERRQUEUE = 4;
/** Of CAN J1939, an option (linux/can/j1939.h). */
export const SO_J1939_FILTER = 1;
/** Of CAN J1939, an option (linux/can/j1939.h). */
export const SO_J1939_PROMISC = 2;
/** Of CAN J1939, an option (linux/can/j1939.h). */
export const SO_J1939_SEND_PRIO = 3;
/** Of CAN J1939, an option (linux/can/j1939.h). */
export const SO_J1939_ERRQUEUE = 4;
/** Of CAN J1939 (linux/can/j1939.h). */
export const J1939_EE_INFO_NONE = 0;
/** Of CAN J1939 (linux/can/j1939.h). */
export const J1939_NLA_PAD = 0;
/** Of CAN J1939 (linux/can/j1939.h). */
export const J1939_NO_NAME = 0;
/** Of CAN J1939 (linux/can/j1939.h). */
export const J1939_EE_INFO_TX_ABORT = 1;
/** Of CAN J1939 (linux/can/j1939.h). */
export const J1939_NLA_BYTES_ACKED = 1;
/** Of CAN J1939 (linux/can/j1939.h). */
export const J1939_MAX_UNICAST_ADDR = 253;
/** Of CAN J1939 (linux/can/j1939.h). */
export const J1939_IDLE_ADDR = 254;
/** Of CAN J1939 (linux/can/j1939.h). */
export const J1939_NO_ADDR = 255;
/** Of CAN J1939 (linux/can/j1939.h). */
export const J1939_FILTER_MAX = 512;
/** Of CAN J1939 (linux/can/j1939.h). */
export const J1939_PGN_REQUEST = 59904;
/** Of CAN J1939 (linux/can/j1939.h). */
export const J1939_PGN_ADDRESS_CLAIMED = 60928;
/** Of CAN J1939 (linux/can/j1939.h). */
export const J1939_PGN_ADDRESS_COMMANDED = 65240;
/** Of CAN J1939 (linux/can/j1939.h). */
export const J1939_PGN_PDU1_MAX = 261888;
/** Of CAN J1939 (linux/can/j1939.h). */
export const J1939_PGN_MAX = 262143;
/** Of CAN J1939 (linux/can/j1939.h). */
export const J1939_NO_PGN = 262144;
/** Ancillary data: descriptors. */
export const SCM_RIGHTS = 1;
/** Ancillary data: process, user and group of the sender. */
export const SCM_CREDENTIALS = 2;
/** Protocol of AF_NETLINK: ROUTE (netlink(7)). */
export const NETLINK_ROUTE = 0;
/** Protocol of AF_NETLINK: USERSOCK (netlink(7)). */
export const NETLINK_USERSOCK = 2;
/** Protocol of AF_NETLINK: FIREWALL (netlink(7)). */
export const NETLINK_FIREWALL = 3;
/** Protocol of AF_NETLINK: NFLOG (netlink(7)). */
export const NETLINK_NFLOG = 5;
/** Protocol of AF_NETLINK: XFRM (netlink(7)). */
export const NETLINK_XFRM = 6;
/** Protocol of AF_NETLINK: IP6_FW (netlink(7)). */
export const NETLINK_IP6_FW = 13;
/** Protocol of AF_NETLINK: DNRTMSG (netlink(7)). */
export const NETLINK_DNRTMSG = 14;
/** Protocol of AF_NETLINK: CRYPTO (netlink(7)). */
export const NETLINK_CRYPTO = 21;
/** Of AF_PACKET, the type of a packet: host (packet(7)). */
export const PACKET_HOST = 0;
/** Of AF_PACKET, the type of a packet: broadcast (packet(7)). */
export const PACKET_BROADCAST = 1;
/** Of AF_PACKET, the type of a packet: multicast (packet(7)). */
export const PACKET_MULTICAST = 2;
/** Of AF_PACKET, the type of a packet: otherhost (packet(7)). */
export const PACKET_OTHERHOST = 3;
/** Of AF_PACKET, the type of a packet: outgoing (packet(7)). */
export const PACKET_OUTGOING = 4;
/** Of AF_PACKET, the type of a packet: loopback (packet(7)). */
export const PACKET_LOOPBACK = 5;
/** Of AF_PACKET, the type of a packet: fastroute (packet(7)). */
export const PACKET_FASTROUTE = 6;
/** Of TIPC (linux/tipc.h). */
export const TIPC_WAIT_FOREVER = -1;
/** Of TIPC (linux/tipc.h). */
export const TIPC_CFG_SRV = 0;
/** Of TIPC (linux/tipc.h). */
export const TIPC_LOW_IMPORTANCE = 0;
/** Of TIPC (linux/tipc.h). */
export const TIPC_ADDR_NAMESEQ = 1;
/** Of TIPC (linux/tipc.h). */
export const TIPC_MEDIUM_IMPORTANCE = 1;
/** Of TIPC (linux/tipc.h). */
export const TIPC_PUBLISHED = 1;
/** Of TIPC (linux/tipc.h). */
export const TIPC_SUB_PORTS = 1;
/** Of TIPC (linux/tipc.h). */
export const TIPC_TOP_SRV = 1;
/** Of TIPC (linux/tipc.h). */
export const TIPC_ZONE_SCOPE = 1;
/** Of TIPC (linux/tipc.h). */
export const TIPC_ADDR_NAME = 2;
/** Of TIPC (linux/tipc.h). */
export const TIPC_CLUSTER_SCOPE = 2;
/** Of TIPC (linux/tipc.h). */
export const TIPC_HIGH_IMPORTANCE = 2;
/** Of TIPC (linux/tipc.h). */
export const TIPC_SUB_SERVICE = 2;
/** Of TIPC (linux/tipc.h). */
export const TIPC_WITHDRAWN = 2;
/** Of TIPC (linux/tipc.h). */
export const TIPC_ADDR_ID = 3;
/** Of TIPC (linux/tipc.h). */
export const TIPC_CRITICAL_IMPORTANCE = 3;
/** Of TIPC (linux/tipc.h). */
export const TIPC_NODE_SCOPE = 3;
/** Of TIPC (linux/tipc.h). */
export const TIPC_SUBSCR_TIMEOUT = 3;
/** Of TIPC (linux/tipc.h). */
export const TIPC_SUB_CANCEL = 4;
/** Of TIPC (linux/tipc.h). */
export const TIPC_IMPORTANCE = 127;
/** Of TIPC (linux/tipc.h). */
export const TIPC_SRC_DROPPABLE = 128;
/** Of TIPC (linux/tipc.h). */
export const TIPC_DEST_DROPPABLE = 129;
/** Of TIPC (linux/tipc.h). */
export const TIPC_CONN_TIMEOUT = 130;
/** Option of UDP-Lite: how many bytes the checksum covers (udplite(7)). */
export const UDPLITE_SEND_CSCOV = 10;
/** Option of UDP-Lite: how many bytes the checksum covers (udplite(7)). */
export const UDPLITE_RECV_CSCOV = 11;
/** Of AF_VSOCK, an address (vsock(7)). */
export const VMADDR_CID_ANY = 4294967295;
/** Of AF_VSOCK, an address (vsock(7)). */
export const VMADDR_PORT_ANY = 4294967295;
/** Of AF_VSOCK, an address (vsock(7)). */
export const VMADDR_CID_HOST = 2;
/** Of AF_VSOCK (linux/vm_sockets.h). */
export const VM_SOCKETS_INVALID_VERSION = 4294967295;
/** Option of AF_VSOCK: bytes of a buffer (vsock(7)). */
export const SO_VM_SOCKETS_BUFFER_SIZE = 0;
/** Option of AF_VSOCK: bytes of a buffer (vsock(7)). */
export const SO_VM_SOCKETS_BUFFER_MIN_SIZE = 1;
/** Option of AF_VSOCK: bytes of a buffer (vsock(7)). */
export const SO_VM_SOCKETS_BUFFER_MAX_SIZE = 2;
/** Of AF_VSOCK, an ioctl (linux/vm_sockets.h). */
export const IOCTL_VM_SOCKETS_GET_LOCAL_CID = 1977;
/** Ethernet protocol: ALL (linux/if_ether.h). */
export const ETH_P_ALL = 3;
/** Ethernet protocol: IP (net/ethernet.h). */
export const ETHERTYPE_IP = 2048;
/** Ethernet protocol: ARP (net/ethernet.h). */
export const ETHERTYPE_ARP = 2054;
/** Ethernet protocol: VLAN (net/ethernet.h). */
export const ETHERTYPE_VLAN = 33024;
/** Ethernet protocol: IPV6 (net/ethernet.h). */
export const ETHERTYPE_IPV6 = 34525;
