// These specs once more over the backends that Node documents, so that each run of the tests sees both.
import '../support/documented-backends.ts';
import './broken-sends.spec.ts';
import './handshake.spec.ts';
import './unwrap.spec.ts';
