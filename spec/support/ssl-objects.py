"""One end of TLS in memory, run by lines of JSON: `make`, then calls. Each answer has what the call gave, and what it left."""

import json, ssl, sys

BIG = 1 << 20
VERSIONS = {'TLSv1.2': ssl.TLSVersion.TLSv1_2, 'TLSv1.3': ssl.TLSVersion.TLSv1_3}


def context_of(made):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if made['isServer'] else ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = context.maximum_version = VERSIONS[made['version']]
    if made['certificate']:
        context.load_cert_chain(made['certificate'], made['key'])
    if made['authority']:
        context.load_verify_locations(made['authority'])
    if made['asksForCertificate']:
        context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(made['alpn'])
    return context


def call(one, name, argument):
    if name == 'doHandshake':
        return one.do_handshake()
    if name == 'read':
        return one.read(argument).decode('latin1')
    if name == 'readInto':
        memory = bytearray(20)
        return [one.read(argument, memory), memory.decode('latin1')]
    if name == 'write':
        return one.write(argument.encode('latin1'))
    if name == 'unwrap':
        return one.unwrap()
    if name == 'facts':
        return [one.version(), one.selected_alpn_protocol(), one.pending(), one.session_reused]
    if name == 'cipher':
        return one.cipher()
    if name == 'subject':
        return one.getpeercert()['subject'][0][0][1] if one.getpeercert() else None
    raise LookupError(name)


def outcome(one, name, argument):
    try:
        return {'result': call(one, name, argument)}
    except ssl.SSLError as error:
        told = [type(error).__name__, error.errno, getattr(error, 'library', None), getattr(error, 'reason', None)]
        if isinstance(error, ssl.SSLCertVerificationError):
            told.append(error.verify_code)
        return {'error': told}
    except ValueError as error:
        return {'error': ['ValueError', str(error)]}


ends = {}
for line in sys.stdin:
    step = json.loads(line)
    if 'made' in step:
        made = step['made']
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        hostname = None if made['isServer'] else made['hostname']
        one = context_of(made).wrap_bio(incoming, outgoing, server_side=made['isServer'], server_hostname=hostname)
        ends[step['end']] = one, incoming, outgoing
        print('{}', flush=True)
        continue
    one, incoming, outgoing = ends[step['end']]
    if step['bytes']:
        incoming.write(bytes.fromhex(step['bytes']))
    if step['isEof'] and not incoming.eof:
        incoming.write_eof()
    answer = outcome(one, step['call'], step['argument'])
    answer['bytes'] = outgoing.read().hex()
    answer['isDrained'] = incoming.pending == 0
    print(json.dumps(answer), flush=True)
