import type { Command } from 'commander';
import { command, integerFrom, run, seconds, timeLimit } from '../demos/support/command.ts';
import { main } from './nc/main.ts';
import type { Options } from './nc/options.ts';

const port = integerFrom(0, 65535);

/** `await-socket nc`: what `nc` and `openssl s_client` are used for. The options are those of Debian's nc. */
export function nc(): Command {
  const made = command('nc', 'Connects standard input and output with a socket: TCP, UDP, Unix, TLS.')
    .argument('[destination]', 'the host, or with -U the path; with -l the address to listen on')
    .argument('[port]', 'the port, a range such as 20-25 with -z, or the name of a service')
    .option('-l, --listen', 'wait for a connection')
    .option('-k, --keep-open', 'with -l: wait for the next one after the first has ended')
    .option('-u, --udp', 'datagrams')
    .option('-U, --unix', 'a Unix socket')
    .option('-4, --ipv4', 'only IPv4')
    .option('-6, --ipv6', 'only IPv6')
    .option('-n, --numeric', 'look no names up')
    .option('-s, --source <address>', 'the address to send from')
    .option('-p, --source-port <port>', 'the port to send from; with -l the port to listen on', port)
    .option('-w, --timeout <seconds>', 'how long to wait for a connection, and then for bytes', timeLimit)
    .option('-q, --quit <seconds>', 'end so long after the end of the input', seconds)
    .option('-N, --shutdown', 'send the end of the input to the other side (this is so without the option, too)')
    .option('--no-shutdown', 'keep the end of the input from the other side')
    .option('-d, --no-stdin', 'read no input')
    .option('-C, --crlf', 'send CR LF for LF')
    .option('-z, --scan', 'only try whether the ports take connections')
    .option('-v, --verbose', 'say what happens on standard error')
    .option('-c, --tls', 'TLS; the certificate and the host name are checked')
    .option('--servername <name>', 'the name that the certificate has to have; the destination if it is left out')
    .option('--ca <file>', 'the authorities to trust, in PEM, and no others')
    .option('--insecure', 'accept any certificate')
    .option('--alpn <names>', 'the protocols to offer, with commas between')
    .option('--cert <file>', 'a certificate of our own, in PEM; needed with -l')
    .option('--key <file>', 'its key, if it is in a file of its own');
  return made.action((destination: string | undefined, portText: string | undefined) => {
    run('nc', () => main(destination, portText, made.opts<Options>()));
  });
}
