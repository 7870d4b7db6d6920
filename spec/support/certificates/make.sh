#!/usr/bin/env bash
# Makes the certificates of this folder anew, all of them: bash spec/support/certificates/make.sh
# The tests need no openssl: what this made once is kept. The authorities' keys are not; no test signs anything.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

LAST=21250101000000Z

# request NAME COMMON-NAME: a key, and the request that an authority answers.
request() {
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$work/$1.csr" -subj "/CN=$2"
}

# settings EXTENSION...: settings for `openssl ca`, whose certificates have these extensions.
settings() {
  : >"$work/index"
  printf '%s\n' '[ca]' 'default_ca=d' '[d]' "database=$work/index" "new_certs_dir=$work" 'rand_serial=yes' \
    'default_md=sha256' 'policy=p' 'x509_extensions=e' 'unique_subject=no' '[p]' 'commonName=supplied' '[e]' \
    'subjectKeyIdentifier=hash' 'authorityKeyIdentifier=keyid' "$@" >"$work/settings"
}

# authority NAME COMMON-NAME
authority() {
  request "$1" "$2"
  settings basicConstraints=critical,CA:true keyUsage=critical,keyCertSign,cRLSign
  openssl ca -batch -notext -config "$work/settings" -selfsign -keyfile "$1.key" -in "$work/$1.csr" -out "$1.pem" \
    -startdate 20200101000000Z -enddate $LAST
  mv "$1.key" "$work"
}

# leaf NAME AUTHORITY USAGE ALTERNATIVE-NAMES [END]: a certificate that the authority has signed, good until END.
leaf() {
  request "$1" "$1"
  settings basicConstraints=critical,CA:false "extendedKeyUsage=$3" "subjectAltName=$4"
  openssl ca -batch -notext -config "$work/settings" -cert "$2.pem" -keyfile "$work/$2.key" -in "$work/$1.csr" \
    -out "$1.pem" -startdate 20200101000000Z -enddate "${5:-$LAST}"
}

# self_signed NAME USAGE ALTERNATIVE-NAMES
self_signed() {
  request "$1" "$1"
  settings "extendedKeyUsage=$2" "subjectAltName=$3"
  openssl ca -batch -notext -config "$work/settings" -selfsign -keyfile "$1.key" -in "$work/$1.csr" -out "$1.pem" \
    -startdate 20200101000000Z -enddate $LAST
}

HERE=DNS:localhost,IP:127.0.0.1,IP:::1
authority ca 'await-socket tests'
authority other-ca 'await-socket tests, another authority'
leaf server ca serverAuth $HERE
leaf other-name ca serverAuth DNS:elsewhere.test
leaf expired ca serverAuth $HERE 20200102000000Z
leaf untrusted other-ca serverAuth $HERE
self_signed self-signed serverAuth $HERE
leaf client ca clientAuth email:ada@example.test
leaf expired-client ca clientAuth email:ada@example.test 20200102000000Z
leaf untrusted-client other-ca clientAuth email:ada@example.test
self_signed self-signed-client clientAuth email:ada@example.test
