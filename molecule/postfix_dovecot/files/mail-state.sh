#!/bin/sh
# What an instance runs with, and which servers run: to be the same afterwards.
set -e
cd /srv/mail1
ls -d -l --time-style=+ postfix/etc dovecot/dovecot.conf dovecot/users tls
find -L postfix/etc dovecot/dovecot.conf dovecot/users tls -type f -printf '%p %M %u %g\n' -exec sha256sum {} \; | sort
cat postfix/spool/pid/master.pid /run/dovecot/mail1/master.pid
# The key belongs to the certificate.
test "$(openssl pkey -in tls/key.pem -pubout)" = "$(openssl x509 -in tls/certificate.pem -noout -pubkey)"
# Nothing is left of runs that were refused.
find /run -maxdepth 1 -name 'groupware-ha-mail-*'
